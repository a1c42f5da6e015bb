"""A server that is killed under load keeps every point that it acknowledged (promise R16, in short)."""

import threading
from collections import Counter
from contextlib import ExitStack
from pathlib import Path

import httpx
import pytest

import databases as db
import servers
from wire.conformance.asking import API, read

WRITERS = 4
KILLS = 3
BATCH = 20
UNDER_LOAD_S = 0.7


class Writer(threading.Thread):
    """Sends batches of points until the server is gone; remembers which were acknowledged."""

    def __init__(self, url: str, run_id: str, number: int, first: int) -> None:
        super().__init__(daemon=True)
        self.http = httpx.Client(base_url=url, timeout=30)
        self.run_id, self.key, self.first = run_id, f"w{number}", first
        self.acknowledged: list[int] = []
        self.next = first

    def run(self) -> None:
        try:
            while True:
                steps = range(self.next, self.next + BATCH)
                self.next += BATCH
                points = [
                    {"key": self.key, "value": s / 7, "timestamp": s, "step": s} for s in steps
                ]
                read(
                    self.http.post(
                        API + "runs/log-batch", json={"run_id": self.run_id, "metrics": points}
                    )
                )
                self.acknowledged += steps
        except httpx.TransportError:
            self.http.close()


@pytest.mark.parametrize("kind", ["sqlite", "postgresql", "mariadb"])
def test_what_was_acknowledged_is_there(
    kind: db.Kind, databases: db.Databases, tmp_path: Path
) -> None:
    with ExitStack() as closing:
        server = closing.enter_context(servers.headrace_server(databases.new(kind), tmp_path))
        http = closing.enter_context(httpx.Client(base_url=server.url, timeout=60))
        run_id = read(http.post(API + "runs/create", json={"experiment_id": "0"}))["run"]["info"][
            "run_id"
        ]
        acknowledged: dict[str, set[int]] = {f"w{n}": set() for n in range(WRITERS)}
        for life in range(KILLS):
            writers = [Writer(server.url, run_id, n, life * 1_000_000) for n in range(WRITERS)]
            for writer in writers:
                writer.start()
            writers[0].join(UNDER_LOAD_S)
            server.kill()
            for writer in writers:
                writer.join(30)
                assert not writer.is_alive()
                assert writer.acknowledged
                acknowledged[writer.key].update(writer.acknowledged)
            server.restart()
        for key, steps in acknowledged.items():
            _check(http, run_id, key, steps)


def _check(http: httpx.Client, run_id: str, key: str, acknowledged: set[int]) -> None:
    points = read(
        http.get(API + "metrics/get-history", params={"run_id": run_id, "metric_key": key})
    )["metrics"]
    stored = Counter(point["step"] for point in points)
    assert acknowledged <= stored.keys()
    assert set(stored.values()) == {1}
    assert all(point["value"] == point["step"] / 7 for point in points)
    batches = Counter(step // BATCH for step in stored)
    assert set(batches.values()) == {BATCH}, "a batch is whole or absent"
