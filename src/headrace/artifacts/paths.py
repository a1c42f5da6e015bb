"""Which relative paths may name an artifact: asked before anything is opened.

A path arrives decoded, once, by whoever read it off the wire; a ``%`` that is left is a character like
any other. The same rules hold on every operating system, so that what one machine stored every
other one can fetch: whatever Windows would read as a drive, a stream or a device is no name.
"""

import logging
import re
from collections.abc import Iterable
from urllib.parse import unquote

from headrace.errors import InvalidValueError

MAX_PART_BYTES = 255
MAX_PATH_BYTES = 1024
OWN_PREFIX = ".headrace-"
"""Names that begin so belong to Headrace: files under construction and recorded digests."""

_SHOWN = 80
_log = logging.getLogger(__name__)

_BAD_CHARACTERS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ufffd\\:#]")
_DEVICES = frozenset(
    ["CON", "PRN", "AUX", "NUL", "CONIN$", "CONOUT$"]
    + [f"{port}{digit}" for port in ("COM", "LPT") for digit in "0123456789\u00b9\u00b2\u00b3"]
)
# What a name must not turn into if somebody further down decodes it once more: a way up, a path from
# the root, a drive, a URI, a Windows separator, or the root itself.
_ESCAPE = re.compile(r"\\|^/|(?:^|/)\.\.(?:/|$)|^[a-z]:|^file:|^[./]*$", re.IGNORECASE)


def checked(path: str) -> str:
    """``path`` as it is, if it may name a file or a folder below the root.

    Raises `InvalidValueError` for any other, the root included. Nothing is normalised: each file has
    one spelling.
    """
    fault = _fault(path)
    if fault:
        raise InvalidValueError(f"Invalid path {_shown(path)}: {fault}.")
    return path


def checked_folder(path: str) -> str:
    """The same for what is listed: the root may be named (it is ``""``), and a folder may end in ``/``."""
    if all(part in ("", ".") for part in path.split("/")):
        return ""
    return checked(path.rstrip("/"))


def is_name(name: str, place: str) -> bool:
    """Whether a name that was found at ``place`` is a legal part: what a folder or a server offers is data.

    One that is not is left out by whoever asks. The first of a place is named in a warning.
    """
    if "/" not in name and _fault(name) is None:
        return True
    if not name.startswith(OWN_PREFIX):
        _warn_once(place, name)
    return False


def joined(*paths: str) -> str:
    """The checked path that these make together; empty ones count for nothing."""
    return checked("/".join(path for path in paths if path))


def split(path: str) -> tuple[list[str], str]:
    """The folders of a checked path and its last part."""
    *folders, name = path.split("/")
    return folders, name


_MAX_WARNINGS = 100
_warned: set[str] = set()


def _warn_once(place: str, name: str) -> None:
    if place not in _warned and len(_warned) < _MAX_WARNINGS:
        _warned.add(place)
        _log.warning(
            "Left out of the files at %s: %s is no name that every system can keep.",
            place,
            _shown(name),
        )


def _fault(path: str) -> str | None:
    try:
        size = len(path.encode())
    except UnicodeEncodeError:
        return "it is not valid Unicode"
    if size > MAX_PATH_BYTES:
        return f"it is longer than {MAX_PATH_BYTES} bytes"
    return _first(map(_part_fault, path.split("/"))) or _hidden_fault(path)


def _first(faults: Iterable[str | None]) -> str | None:
    return next((fault for fault in faults if fault), None)


def _part_fault(part: str) -> str | None:
    rules = (
        (part in ("", "."), "it is absolute, ends in '/', or has an empty part"),
        (part.startswith(".."), "a part begins with '..'"),
        (part.endswith((".", " ")), "a part ends in a dot or a blank"),
        (_BAD_CHARACTERS.search(part), "it holds a control character, a backslash, ':' or '#'"),
        (part.split(".")[0].rstrip(" ").upper() in _DEVICES, "a part is a device name on Windows"),
        (len(part.encode()) > MAX_PART_BYTES, f"a part is longer than {MAX_PART_BYTES} bytes"),
        (part.lower().startswith(OWN_PREFIX), f"a part begins with '{OWN_PREFIX}'"),
    )
    return next((fault for broken, fault in rules if broken), None)


def _hidden_fault(path: str) -> str | None:
    # Each round of decoding makes the text shorter, so this ends.
    while "%" in path:
        decoded = unquote(path)
        if decoded == path:
            return None
        if _ESCAPE.search(decoded):
            return "it hides a path that leads elsewhere"
        path = decoded
    return None


def _shown(path: str) -> str:
    text = ascii(path)
    return text if len(text) <= _SHOWN else f"{text[:_SHOWN]}...'"
