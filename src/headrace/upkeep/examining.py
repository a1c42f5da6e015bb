"""Looking a store through for damage, and repairing what can be repaired without loss."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

import msgspec
from msgspec import Struct

from headrace import plugins
from headrace.artifacts.base import SweptStore
from headrace.artifacts.resolve import open_artifacts
from headrace.entities import ViewType
from headrace.errors import HeadraceError
from headrace.journal.folder import JOURNALS
from headrace.stores.base import TrackingStore
from headrace.stores.keeping import Examined, ExamineRows, ExamineSeries, Finding, KeptStore
from headrace.stores.listing import all_experiments, all_runs
from headrace.upkeep import files, journals
from headrace.upkeep.premises import Address, Premises, file_of, open_premises, shown
from headrace.wire.tracking import SearchRuns

MOST_TOLD = 1_000
"""Findings that a report holds; what is beyond is counted."""

Tick = Callable[[str], None]


class Check(Struct, frozen=True):
    """One kind of thing that was looked at."""

    name: str
    looked_at: int
    damaged: int = 0
    repairable: int = 0
    repaired: int = 0
    notes: int = 0


class Report(Struct, frozen=True):
    """What was found."""

    uri: str
    healthy: bool
    """Nothing is damaged, or all that was is repaired."""
    checks: list[Check]
    findings: list[Finding]


class _Book:
    """Takes down what is found."""

    def __init__(self, uri: str, tick: Tick) -> None:
        self._uri, self._tick = uri, tick
        self._checks: dict[str, dict[str, int]] = {}
        self._findings: list[Finding] = []

    def begin(self, check: str) -> None:
        """What comes now belongs to this check."""
        self._checks.setdefault(check, {"looked_at": 0})
        self._tick(check)

    def add(self, check: str, looked_at: int, findings: Iterable[Finding]) -> None:
        """Take down what a check looked at and found."""
        self._checks.setdefault(check, {"looked_at": 0})["looked_at"] += looked_at
        for finding in findings:
            counts = self._checks.setdefault(finding.check, {"looked_at": 0})
            name = "notes" if finding.state == "note" else finding.state
            counts[name] = counts.get(name, 0) + finding.count
            if len(self._findings) < MOST_TOLD:
                self._findings.append(finding)

    def report(self) -> Report:
        """All of it."""
        checks = [Check(name, **counts) for name, counts in self._checks.items()]
        healthy = not any(check.damaged or check.repairable for check in checks)
        return Report(self._uri, healthy, checks, self._findings)


def examine(address: Address, *, deep: bool, repair: bool, tick: Tick) -> Report:
    """Look through a store where its data lies; ``deep`` reads every artifact, too."""
    book = _Book(shown(address.database_uri), tick)
    book.begin("schema")
    problems = _of_database(address, repair=repair)
    book.add("schema", 1, problems)
    if any(problem.state != "repaired" for problem in problems):
        return book.report()  # nothing more can be said before it has the right tables
    premises = open_premises(address)
    try:
        _of_rows(book, premises.store, repair=repair)
        _of_series(book, premises.store, repair=repair)
        _of_files(book, premises, address, deep=deep)
        _of_leftovers(book, address, repair=repair)
        _of_journals(book, address, repair=repair)
    finally:
        premises.store.close()
    return book.report()


def examine_server(
    uri: str, store: TrackingStore, open_files: Callable[[str], Any], *, deep: bool, tick: Tick
) -> Report:
    """Look at what can be seen through a server: that it answers, and the artifacts."""
    book = _Book(shown(uri), tick)
    book.begin("server")
    try:
        experiments = list(all_experiments(store, ViewType.ALL))
    except HeadraceError as error:
        book.add("server", 1, [Finding("server", shown(uri), error.message, "damaged")])
        return book.report()
    hint = "its database is examined where it lies: headrace doctor --backend-store-uri"
    book.add("server", len(experiments), [Finding("server", shown(uri), hint, "note")])
    book.begin("artifacts")
    for experiment in experiments:
        question = SearchRuns([experiment.experiment_id], run_view_type=ViewType.ALL)
        for run in all_runs(store, question):
            looked = files.examine(open_files, run.info.artifact_uri or "", deep=deep)
            book.add("artifacts", looked.looked_at, looked.findings)
    return book.report()


def _of_database(address: Address, *, repair: bool) -> list[Finding]:
    file = file_of(address.database_uri)
    if file is not None and not file.is_file():
        return [Finding("schema", str(file), "there is no such file", "damaged")]
    problems: list[Finding] = plugins.load("headrace.stores.sql.health:examine")(
        address.database_uri
    )
    if not repair or any(problem.state == "damaged" for problem in problems):
        return problems
    if problems:
        open_premises(address).store.close()  # which upgrades it
    return [msgspec.structs.replace(problem, state="repaired") for problem in problems]


def _of_rows(book: _Book, store: KeptStore, *, repair: bool) -> None:
    book.begin("rows")
    found = store.examine_rows(ExamineRows())
    if repair and any(finding.state == "repairable" for finding in found.findings):
        found = store.examine_rows(ExamineRows(repair=True))
    book.add("rows", found.looked_at, found.findings)


def _of_series(book: _Book, store: KeptStore, *, repair: bool) -> None:
    book.begin("series")
    for page in _pages(store, repair=repair):
        book.add("series", page.looked_at, page.findings)


def _pages(store: KeptStore, *, repair: bool) -> Iterator[Examined]:
    after: int | None = -1
    while after is not None:
        question = ExamineSeries(after)
        page = store.examine_series(question)
        if repair and any(finding.state == "repairable" for finding in page.findings):
            page = store.examine_series(msgspec.structs.replace(question, repair=True))
        yield page
        after = page.after


def _of_files(book: _Book, premises: Premises, address: Address, *, deep: bool) -> None:
    book.begin("artifacts")
    for looked in files.examine_all(premises, address.artifact_root, deep=deep):
        book.add("artifacts", looked.looked_at, looked.findings)


def _of_leftovers(book: _Book, address: Address, *, repair: bool) -> None:
    book.begin("uploads")
    store = open_artifacts(address.artifact_root)
    if not isinstance(store, SweptStore):
        return
    try:
        count = store.sweep() if repair else store.leftovers()
    except (HeadraceError, OSError) as error:
        book.add("uploads", 1, [Finding("uploads", address.artifact_root, str(error), "damaged")])
        return
    problem = f"{count} uploads that were cut off more than a day ago left files behind"
    state: Any = "repaired" if repair else "repairable"
    found = [Finding("uploads", address.artifact_root, problem, state, count)] if count else []
    book.add("uploads", 1, found)


def _of_journals(book: _Book, address: Address, *, repair: bool) -> None:
    file = file_of(address.database_uri)
    if file is not None and (file.parent / JOURNALS).is_dir():
        book.begin("journals")
        book.add("journals", *journals.examine(file.parent / JOURNALS, repair=repair))
