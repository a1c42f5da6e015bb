from pathlib import Path

import pytest

from headrace.errors import InvalidValueError
from headrace.stores.resolve import folder_of, open_store, prepared


@pytest.mark.parametrize(
    ("uri", "folder"),
    [
        (None, ".headrace"),
        ("", ".headrace"),
        ("runs", "runs"),
        ("./runs", "runs"),
        ("file:runs", "runs"),
        ("file:///data/a%20b", "/data/a b"),
        ("file:///data/a%2520b", "/data/a%20b"),
        ("/data", "/data"),
        ("file://localhost/data", "/data"),
    ],
)
def test_a_path_or_a_file_uri_names_a_folder(
    uri: str | None, folder: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert folder_of(uri) == Path(folder).absolute()


@pytest.mark.parametrize(
    "uri", ["http://h", "HTTPS://h", "sqlite:///a.db", "postgresql+psycopg://h/d", "mysql://h"]
)
def test_other_uris_name_no_folder(uri: str) -> None:
    assert folder_of(uri) is None


def test_a_file_uri_of_another_machine_is_refused() -> None:
    with pytest.raises(InvalidValueError, match="another machine"):
        folder_of("file://elsewhere/data")


def test_an_unknown_scheme_is_refused_with_the_known_ones() -> None:
    with pytest.raises(InvalidValueError, match=r"No 'gopher' in headrace.stores. Known: .*sqlite"):
        open_store("gopher://h")


def test_a_new_folder_is_never_committed(tmp_path: Path) -> None:
    folder = prepared(tmp_path / "a" / "b")
    assert (folder / ".gitignore").read_text() == "*\n"


def test_a_folder_with_something_in_it_is_left_as_it_is(tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("x")
    prepared(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == ["mine.txt"]


def test_a_file_is_no_store(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(InvalidValueError, match="is a file"):
        prepared(tmp_path / "file")
