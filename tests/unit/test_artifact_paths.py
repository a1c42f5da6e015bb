"""Which paths may name an artifact."""

import re
from urllib.parse import quote, unquote

import pytest
from hypothesis import given
from hypothesis import strategies as st

from headrace.artifacts.paths import (
    MAX_PART_BYTES,
    MAX_PATH_BYTES,
    checked,
    checked_folder,
    is_name,
    joined,
)
from headrace.errors import InvalidValueError
from headrace.testing.artifacts import NAMES
from hostile_paths import REFUSED, ROOTS


def _short(path: str) -> str:
    return ascii(path)[:40]


@pytest.mark.parametrize("path", [*REFUSED, *ROOTS], ids=_short)
def test_a_path_that_could_lead_elsewhere_is_refused(path: str) -> None:
    with pytest.raises(InvalidValueError, match="Invalid path"):
        checked(path)


@pytest.mark.parametrize("path", REFUSED, ids=_short)
def test_a_folder_is_held_to_the_same_rules(path: str) -> None:
    # "../", "a/.." and the like stay refused; a trailing slash alone is no fault of a folder.
    with pytest.raises(InvalidValueError, match="Invalid path"):
        checked_folder(path)


@pytest.mark.parametrize("path", REFUSED, ids=_short)
@pytest.mark.parametrize("rounds", [1, 2, 3])
def test_encoding_a_way_up_hides_it_from_nobody(path: str, rounds: int) -> None:
    hidden = path.encode("utf-8", "surrogatepass").decode("utf-8", "replace")
    for _ in range(rounds):
        hidden = quote(hidden, safe="")
    passed = _passes(hidden)
    assert not (passed and _leads_elsewhere(path)), ascii(hidden)


@pytest.mark.parametrize("path", NAMES, ids=_short)
def test_a_legal_name_passes_unchanged(path: str) -> None:
    assert checked(path) == path


@pytest.mark.parametrize("step", range(0, 300, 7))
def test_names_of_logged_images_pass_at_every_step(step: int) -> None:
    name = f"images/loss#{step}".replace("#", "%step%") + "%timestamp%1795262192364%g00d-1.png"
    assert checked(name) == name


@pytest.mark.parametrize("root", ROOTS)
def test_the_root_may_be_named_where_it_is_listed(root: str) -> None:
    assert checked_folder(root) == ""


def test_a_folder_may_end_in_a_slash() -> None:
    assert checked_folder("a/b/") == "a/b"


def test_the_limits_are_bytes_and_inclusive() -> None:
    longest_part = "\u00e4" * (MAX_PART_BYTES // 2) + "a"
    longest = "/".join(["d" * 204] * 5)
    assert checked(longest_part) == longest_part
    assert len(longest) == MAX_PATH_BYTES
    assert checked(longest) == longest
    with pytest.raises(InvalidValueError):
        checked(longest + "x")


def test_a_message_shows_the_path_escaped_and_cut() -> None:
    with pytest.raises(InvalidValueError) as caught:
        checked("\x1b[31m" + "x" * 5000)
    assert len(str(caught.value)) < 300
    assert str(caught.value).isprintable()


def test_paths_are_joined_without_empty_parts() -> None:
    assert joined("", "a", "", "b/c") == "a/b/c"
    with pytest.raises(InvalidValueError):
        joined("a", "../b")


def test_an_offered_name_is_one_part() -> None:
    assert is_name("a.txt", "test")
    assert not is_name("a/b", "test")
    assert not is_name("..", "test")


@given(st.text(max_size=60))
def test_what_passes_names_one_place_below_the_root(path: str) -> None:
    if _passes(path):
        seen = path
        while True:
            assert not _leads_elsewhere(seen), ascii(path)
            if unquote(seen) == seen:
                break
            seen = unquote(seen)


@given(st.text(alphabet="ab.%25eEfFcC/\\:0 ", max_size=40))
def test_what_passes_stays_below_the_root_however_often_it_is_decoded(path: str) -> None:
    test_what_passes_names_one_place_below_the_root.hypothesis.inner_test(path)  # type: ignore[attr-defined]


def _passes(path: str) -> bool:
    try:
        checked(path)
    except InvalidValueError:
        return False
    return True


def _leads_elsewhere(path: str) -> bool:
    parts = re.split(r"[/\\]", path)
    return (
        path.startswith("/")
        or "\\" in path
        or ".." in parts
        or all(part in ("", ".") for part in parts)
        or re.match(r"[a-zA-Z]:", path) is not None
        or path.lower().startswith("file:")
    )
