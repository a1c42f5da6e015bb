import threading

import pytest

from headrace.client.pulse import Pulse


@pytest.fixture
def pulse() -> Pulse:
    return Pulse()


def test_each_is_called_again_and_again_until_it_is_stopped(pulse: Pulse) -> None:
    counted = threading.Semaphore(0)
    beat = pulse.every(0.001, counted.release)
    for _ in range(5):
        assert counted.acquire(timeout=30)
    beat.stop()
    calls = counted._value
    pulse_again = threading.Event()
    pulse.every(0.01, pulse_again.set)
    assert pulse_again.wait(30)
    assert counted._value == calls


def test_a_sooner_one_does_not_wait_for_a_later_one(pulse: Pulse) -> None:
    pulse.every(3_600, lambda: None)
    soon = threading.Event()
    pulse.every(3_600, soon.set, first_s=0)
    assert soon.wait(30)


def test_one_that_fails_is_told_and_called_no_more_and_the_others_go_on(pulse, caplog) -> None:
    failed = threading.Semaphore(0)

    def fail() -> None:
        failed.release()
        raise KeyError("sensor")

    pulse.every(0.001, fail)
    counted = threading.Semaphore(0)
    pulse.every(0.002, counted.release)
    for _ in range(5):
        assert counted.acquire(timeout=30)
    assert failed._value == 1
    assert len(caplog.records) == 1
