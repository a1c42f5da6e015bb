"""Looking at the journals of an embedded store, which hold what no reader has taken in yet."""

from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path

from headrace.artifacts.base import DAY_MS
from headrace.clock import now_ms
from headrace.errors import HeadraceError
from headrace.journal import folder, locks
from headrace.journal.reader import Tail
from headrace.stores.keeping import Finding

_CHECK = "journals"
_UNFINISHED = ".*.new"


def examine(place: Path, *, repair: bool) -> tuple[int, list[Finding]]:
    """How many journals lie in a folder, and what is to be said of them.

    With ``repair`` goes what programs left behind that were killed while they began a journal: no call
    had returned by then, so nothing was logged to it.
    """
    found = folder.paths(place)
    findings = [finding for path in sorted(found) for finding in _of(path)]
    return len(found), findings + list(_of_unfinished(place, repair=repair))


def _of(path: Path) -> Iterator[Finding]:
    try:
        with closing(Tail(path)) as tail:
            read = sum(len(part.data) for part in tail.ranges())
            owned, more = tail.is_owned(), tail.has_more()
    except FileNotFoundError:
        return  # a reader has taken it in meanwhile
    except (HeadraceError, OSError) as error:
        yield Finding(_CHECK, str(path), f"it cannot be read: {error}", "damaged")
        return
    if more and not owned:
        problem = f"what follows its first {read:,} bytes is no whole record, and is ignored"
        yield Finding(_CHECK, str(path), problem, "note")
    if not owned:
        yield Finding(_CHECK, str(path), "nobody writes it, and no reader could take it in", "note")


def _of_unfinished(place: Path, *, repair: bool) -> Iterator[Finding]:
    for path in sorted(place.glob(_UNFINISHED)):
        with suppress(FileNotFoundError):
            age_ms = now_ms() - path.stat().st_mtime_ns // 1_000_000
            if age_ms < DAY_MS or _is_owned(path):
                continue
            if repair:
                path.unlink()
            problem = "a program was killed while it began this journal; nothing is in it"
            yield Finding(_CHECK, str(path), problem, "repaired" if repair else "repairable")


def _is_owned(path: Path) -> bool:
    with path.open("rb") as file, suppress(OSError):
        return not locks.taken(file.fileno())
    return False
