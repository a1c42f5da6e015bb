"""How the shipper spends the time of the process that it works for."""

import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from headrace.journal.shipper import Shipper
from headrace.journal.writer import Journal
from headrace.wire import journal as wire
from headrace.wire.journal import Opened
from headrace.wire.journals import AppendedJournal, AppendJournal


class Store:
    """Takes what it is sent, and notes when; each piece takes as long as a server may take."""

    def __init__(self) -> None:
        self.sizes: list[int] = []
        self.asked = threading.Event()

    def append(self, question: AppendJournal) -> AppendedJournal:
        self.sizes.append(len(question.data))
        self.asked.set()
        time.sleep(0.02)
        return AppendedJournal(question.offset + len(question.data))


@pytest.fixture
def store() -> Store:
    return Store()


@pytest.fixture
def shipper(tmp_path: Path, store: Store) -> Iterator[Shipper]:
    shipper = Shipper(tmp_path, lambda: store.append, packed=False, leased=False)
    yield shipper
    shipper.close()


@pytest.fixture
def journal(tmp_path: Path, shipper: Shipper) -> Iterator[Journal]:
    journal = Journal(tmp_path, Opened("run", owner=True))
    yield shipper.keep(journal)
    journal.close()


def log_for(journal: Journal, seconds: float) -> None:
    end = time.monotonic() + seconds
    step = 0
    while time.monotonic() < end:
        journal.log("m", 0.5, step)
        step += 1
        time.sleep(0.001)


def test_what_is_logged_while_a_piece_is_on_its_way_goes_with_the_next_ones_and_not_at_once(
    journal: Journal, store: Store
) -> None:
    log_for(journal, 1.5)
    # Sent at once there would be one every 20 ms.
    assert 1 <= len(store.sizes) <= 10


def test_whoever_waits_does_not_wait_for_an_interval(
    journal: Journal, shipper: Shipper, store: Store
) -> None:
    log_for(journal, 0.3)
    assert shipper.flush(10)
    assert sum(store.sizes) == journal.size() - wire.FIRST


def test_a_fault_is_told_once_and_what_was_logged_goes_on_waiting(
    journal: Journal, shipper: Shipper, store: Store, caplog: pytest.LogCaptureFixture
) -> None:
    append, faults = store.append, []

    def faulty(question: AppendJournal) -> AppendedJournal:
        faults.append(question)
        raise KeyError("a fault")

    store.append = faulty
    journal.log("m", 0.5, 0)
    assert not shipper.flush(0.8)
    assert len(faults) > 1
    (told,) = [record for record in caplog.records if "fault" in record.message]
    assert told.exc_info is not None
    store.append = append
    shipper._append = append
    assert shipper.flush(10)
    assert sum(store.sizes) == journal.size() - wire.FIRST
