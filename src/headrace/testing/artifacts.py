"""What every artifact backend promises, as tests.

Inherit `ArtifactStoreContract` in a test module, and give it a fixture ``artifacts`` that returns an
empty store:

    class TestMine(ArtifactStoreContract):
        @pytest.fixture
        def artifacts(self, tmp_path):
            return MyArtifacts(tmp_path)
"""

import hashlib
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import pytest

from headrace.artifacts.base import ArtifactStore
from headrace.clock import now_ms
from headrace.entities import FileInfo
from headrace.errors import InvalidValueError, NotFoundError

BLOCK = bytes(range(256)) * 4096
"""One mebibyte in which every place of a page differs."""

NAMES = (
    "a.txt",
    "folder/b.txt",
    "deep/er/and/deeper/c",
    "blank in name.txt",
    " leading",
    "100%.txt",
    "50%25.txt",
    "a%2Fb",
    "plus+plus",
    "semi;colon=x,y&z",
    "what?*.txt",
    'it\'s "quoted".txt',
    "[x]{y}<z>|$!@~^`",
    "-rf",
    "gr\u00f6\u00dfe.txt",
    "gro\u0308\u00dfe.txt",
    "\u65e5\u672c\u8a9e/\U0001f600.png",
    ".hidden",
    "x?versionId=1",
    "images/dog%step%10%timestamp%1723000000000%g0b1.png",
    "n" * 250,
)
"""Legal names of the kinds that get lost on the way in one backend or another."""

REFUSED = (
    "",
    ".",
    "/",
    "..",
    "../up",
    "a/../b",
    "a//b",
    "a/./b",
    "/absolute",
    "a/",
    "back\\slash",
    "C:/drive",
    "a:stream",
    "nul",
    "aux.txt",
    "dot.",
    "blank ",
    "new\nline",
    "zero\0",
    "%2e%2e/up",
    "%252e%252e%252fup",
    "%2fetc",
    "x" * 256,
    "\ud800",
    ".headrace-part-1",
)


def content(store: ArtifactStore, path: str) -> bytes:
    """The whole of a file."""
    return b"".join(store.read(path))


class ArtifactStoreContract:
    """The promises of `headrace.artifacts.base.ArtifactStore`."""

    @pytest.mark.parametrize("path", NAMES)
    def test_a_name_is_written_listed_and_read_as_it_is(
        self, artifacts: ArtifactStore, path: str
    ) -> None:
        artifacts.write(path, [path.encode()])
        folder, _, name = path.rpartition("/")
        listed = [info.path for info in artifacts.list(folder)]
        assert listed == [path]
        assert content(artifacts, listed[0]) == path.encode()
        assert name in listed[0]

    @pytest.mark.parametrize("path", REFUSED)
    def test_a_name_that_could_lead_elsewhere_is_refused_by_every_method(
        self, artifacts: ArtifactStore, path: str
    ) -> None:
        for act in (artifacts.read, artifacts.stat, artifacts.delete):
            with pytest.raises(InvalidValueError):
                act(path)
        with pytest.raises(InvalidValueError):
            artifacts.write(path, [b"x"])
        assert artifacts.list() == []

    @pytest.mark.parametrize("root", ["", ".", "/", "./", "//"])
    def test_the_root_may_be_listed_by_any_of_its_spellings(
        self, artifacts: ArtifactStore, root: str
    ) -> None:
        artifacts.write("a", [b"1"])
        assert artifacts.list(root) == [FileInfo("a", is_dir=False, file_size=1)]

    @pytest.mark.parametrize("size", [0, 1, 1000, len(BLOCK) + 1])
    def test_a_file_comes_back_byte_for_byte_with_its_size_and_digest(
        self, artifacts: ArtifactStore, size: int
    ) -> None:
        data = (BLOCK * 2)[:size]
        before = now_ms()
        written = artifacts.write("f", [data[:7], b"", data[7:]])
        found = artifacts.stat("f")
        assert (written.size, written.sha256) == (size, hashlib.sha256(data).hexdigest())
        assert (found.size, found.sha256) == (written.size, written.sha256)
        assert abs(found.modified_ms - before) < 10_000
        assert content(artifacts, "f") == data

    @pytest.mark.parametrize(
        ("start", "end"), [(0, 0), (0, 1), (3, 7), (5, None), (9, 99), (10, None), (50, 60)]
    )
    def test_a_range_is_cut_to_what_there_is(
        self, artifacts: ArtifactStore, start: int, end: int | None
    ) -> None:
        artifacts.write("f", [b"0123456789"])
        assert b"".join(artifacts.read("f", start, end)) == b"0123456789"[start:end]

    def test_a_later_write_replaces_the_file(self, artifacts: ArtifactStore) -> None:
        artifacts.write("f", [b"the first, longer one"])
        artifacts.write("f", [b"second"])
        assert content(artifacts, "f") == b"second"
        assert artifacts.stat("f").sha256 == hashlib.sha256(b"second").hexdigest()

    @pytest.mark.parametrize("blocks", [0, 1, 40])
    def test_a_write_that_breaks_off_stores_nothing(
        self, artifacts: ArtifactStore, blocks: int
    ) -> None:
        with pytest.raises(ConnectionResetError):
            artifacts.write("folder/f", _broken(blocks))
        with pytest.raises(NotFoundError):
            artifacts.stat("folder/f")
        assert artifacts.list("folder") == []

    def test_a_write_that_breaks_off_leaves_the_older_file(self, artifacts: ArtifactStore) -> None:
        artifacts.write("f", [b"old"])
        with pytest.raises(ConnectionResetError):
            artifacts.write("f", _broken(2))
        assert content(artifacts, "f") == b"old"
        assert artifacts.stat("f").sha256 == hashlib.sha256(b"old").hexdigest()

    def test_an_unfinished_file_is_not_seen(self, artifacts: ArtifactStore) -> None:
        seen: list[list[FileInfo]] = []

        def chunks() -> Iterator[bytes]:
            yield BLOCK
            seen.append(artifacts.list())
            yield BLOCK

        artifacts.write("f", chunks())
        assert seen == [[]]
        assert artifacts.stat("f").size == 2 * len(BLOCK)

    def test_of_writers_at_the_same_time_one_wins_whole(self, artifacts: ArtifactStore) -> None:
        bodies = [bytes([n]) * 300_000 for n in range(6)]
        with ThreadPoolExecutor(6) as pool:
            list(pool.map(lambda body: artifacts.write("f", [body[:1000], body[1000:]]), bodies))
        data = content(artifacts, "f")
        assert data in bodies
        assert artifacts.stat("f").sha256 in (None, hashlib.sha256(data).hexdigest())

    def test_a_missing_file_is_not_found_before_the_first_chunk(
        self, artifacts: ArtifactStore
    ) -> None:
        artifacts.write("folder/f", [b"x"])
        for path in ("nothing", "folder/nothing", "folder", "folder/f/below"):
            with pytest.raises(NotFoundError):
                artifacts.read(path)
            with pytest.raises(NotFoundError):
                artifacts.stat(path)

    def test_a_listing_is_one_level_in_code_point_order(self, artifacts: ArtifactStore) -> None:
        for path in ("b", "a/x", "C", "a/y/z", "a.txt", "\u00e4"):
            artifacts.write(path, [b"12"])
        assert artifacts.list() == [
            FileInfo("C", is_dir=False, file_size=2),
            FileInfo("a", is_dir=True),
            FileInfo("a.txt", is_dir=False, file_size=2),
            FileInfo("b", is_dir=False, file_size=2),
            FileInfo("\u00e4", is_dir=False, file_size=2),
        ]
        below = [FileInfo("a/x", is_dir=False, file_size=2), FileInfo("a/y", is_dir=True)]
        assert artifacts.list("a") == below
        assert artifacts.list("a/") == below

    def test_a_file_or_nothing_has_an_empty_listing(self, artifacts: ArtifactStore) -> None:
        artifacts.write("f", [b"x"])
        assert artifacts.list("f") == []
        assert artifacts.list("nothing") == []
        assert artifacts.list("f/below") == []

    def test_a_deleted_file_is_gone_and_others_stay(self, artifacts: ArtifactStore) -> None:
        for path in ("keep", "f", "f2", "folder/f"):
            artifacts.write(path, [b"x"])
        artifacts.delete("f")
        with pytest.raises(NotFoundError):
            artifacts.stat("f")
        assert [info.path for info in artifacts.list()] == ["f2", "folder", "keep"]
        assert content(artifacts, "folder/f") == b"x"

    def test_a_deleted_folder_is_gone_with_all_in_it(self, artifacts: ArtifactStore) -> None:
        for path in ("folder/a", "folder/b/c", "folder2/a", "folder.txt"):
            artifacts.write(path, [b"x"])
        artifacts.delete("folder")
        assert [info.path for info in artifacts.list()] == ["folder.txt", "folder2"]
        assert artifacts.list("folder") == []

    def test_names_are_no_patterns(self, artifacts: ArtifactStore) -> None:
        for path in ("x1", "x*", "x?", "[x]1"):
            artifacts.write(path, [path.encode()])
        artifacts.delete("x*")
        artifacts.delete("[x]1")
        assert [info.path for info in artifacts.list()] == ["x1", "x?"]
        assert content(artifacts, "x?") == b"x?"

    def test_deleting_what_is_not_there_is_no_error(self, artifacts: ArtifactStore) -> None:
        artifacts.delete("nothing")
        artifacts.delete("no/thing")


def _broken(blocks: int) -> Iterator[bytes]:
    yield b"begun"
    for _ in range(blocks):
        yield BLOCK
    raise ConnectionResetError("cut off")
