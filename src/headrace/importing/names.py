"""Names that other tools allow, in a form that every store keeps."""

import hashlib
import posixpath
import re

from msgspec import Struct

from headrace.errors import InvalidValueError
from headrace.importing.report import Report
from headrace.wire.limits import KEY_LENGTH, check
from headrace.wire.tracking import CreateRun, SetTag

_OTHERS = re.compile(r"[^/\w.\- :]")
_MARK_LENGTH = 8


class Names:
    """The names of one run's params, metrics or tags: two that differ stay two."""

    def __init__(self, kind: str, report: Report) -> None:
        self._kind, self._report = kind, report
        self._given: dict[str, str] = {}
        self._taken: set[str] = set()

    def __call__(self, name: str) -> str:
        """The same for the same name; one that had to change is told, once for each run."""
        if name not in self._given:
            self._given[name] = self._new(name)
            self._taken.add(self._given[name])
        return self._given[name]

    def _new(self, name: str) -> str:
        kept = name if _is_legal(name) else _plain(name)
        if kept in self._taken or len(kept) > KEY_LENGTH:
            mark = hashlib.sha256(name.encode("utf-8", "surrogatepass")).hexdigest()[:_MARK_LENGTH]
            kept = f"{kept[: KEY_LENGTH - _MARK_LENGTH - 1]}_{mark}"
        if kept != name:
            self._report.change(self._kind, name, f"it is called '{kept}' here")
        return kept


def derived_id(*parts: str) -> str:
    """A run id of 32 hex digits that is always the same for the same parts."""
    joined = "\0".join(parts).encode("utf-8", "surrogatepass")
    return hashlib.sha256(joined).hexdigest()[:32]


def can_be_run_id(label: str) -> bool:
    """Whether a run may be called by what another tool calls it."""
    return _is_taken(CreateRun("0", run_id=label))


def _is_legal(name: str) -> bool:
    return _is_taken(SetTag("run", name, ""))


def _is_taken(question: Struct) -> bool:
    try:
        check(question)
    except InvalidValueError:
        return False
    return True


def _plain(name: str) -> str:
    parts = posixpath.normpath(_OTHERS.sub("_", name)).split("/")
    return "/".join(part for part in parts if part.strip(".")) or "_"
