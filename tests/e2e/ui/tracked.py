"""What the tests of the web pages look at: experiments and runs, logged over the REST protocol."""

import io
import math
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from typing import Any

import httpx
import pyarrow as pa
import pyarrow.parquet as pq

START = 1_760_000_000_000
MINUTE = 60_000


@dataclass(frozen=True)
class Tracker:
    """Logs to a server as any client would."""

    http: httpx.Client

    def ask(self, path: str, **question: Any) -> Any:
        answer = self.http.post(f"/api/2.0/mlflow/{path}", json=question)
        answer.raise_for_status()
        return answer.json()

    def experiment(self, name: str) -> str:
        return str(self.ask("experiments/create", name=name)["experiment_id"])

    def run(self, experiment_id: str, name: str, **given: Any) -> str:
        """A finished run: ``params``, ``tags``; ``metrics`` are lists of values by step."""
        number = given.get("number", 0)
        start = START + number * MINUTE
        tags = given.get("tags", {})
        created = self.ask(
            "runs/create",
            experiment_id=experiment_id,
            run_name=name,
            start_time=start,
            user_id="ada",
            tags=[{"key": key, "value": value} for key, value in tags.items()],
        )
        run_id: str = created["run"]["info"]["run_id"]
        self.log(run_id, given.get("metrics", {}), given.get("params", {}))
        status = given.get("status", "FINISHED")
        if status != "RUNNING":
            self.ask("runs/update", run_id=run_id, status=status, end_time=start + 2 * MINUTE)
        return run_id

    def log(
        self,
        run_id: str,
        metrics: dict[str, list[float]],
        params: dict[str, object] | None = None,
        *,
        first_step: int = 0,
    ) -> None:
        points = [
            {"key": key, "value": _spelled(value), "timestamp": START + step * 1000, "step": step}
            for key, values in metrics.items()
            for step, value in enumerate(values, first_step)
        ]
        given = [{"key": key, "value": str(value)} for key, value in (params or {}).items()]
        self.ask("runs/log-batch", run_id=run_id, params=given)
        for at in range(0, len(points), 1000):
            self.ask("runs/log-batch", run_id=run_id, metrics=points[at : at + 1000])

    def upload(self, run_id: str, path: str, content: bytes) -> None:
        query = {"run_uuid": run_id, "path": path}
        url = "/ajax-api/2.0/mlflow/upload-artifact"
        self.http.post(url, params=query, content=content).raise_for_status()


def _spelled(value: float) -> float | str:
    return value if math.isfinite(value) else str(value).replace("nan", "NaN")


MANY = 1_000
MODELS = ("tree", "forest", "linear")


def models(tracker: Tracker) -> str:
    """30 runs of three families; run `n` has depth ``n % 7``, and an rmse that falls to ``0.5 + n / 20``."""
    experiment_id = tracker.experiment("airline-delay")
    for n in range(30):
        last = 0.5 + n / 20
        tracker.run(
            experiment_id,
            f"run-{n:02d}",
            number=n,
            params={"model": MODELS[n % 3], "depth": n % 7, "lr": 0.1 * (n % 2 + 1)},
            metrics={"rmse": [last + 8, last + 2, last], "r2": [0.1, 1 - last / 10]},
            tags={"team": "ops" if n % 2 else "core", "mlflow.source.name": "/home/ada/train.py"},
        )
    return experiment_id


def families(tracker: Tracker) -> str:
    """A parent with two children, of which the first has one, and a run beside them."""
    experiment_id = tracker.experiment("nested")

    def child(name: str, parent: str, number: int) -> str:
        tags = {"mlflow.parentRunId": parent}
        return tracker.run(experiment_id, name, number=number, tags=tags, metrics={"loss": [1.0]})

    parent = tracker.run(experiment_id, "parent", number=0)
    first = child("child-1", parent, 1)
    child("child-2", parent, 2)
    child("grandchild", first, 3)
    tracker.run(experiment_id, "beside", number=4)
    return experiment_id


def many(tracker: Tracker) -> str:
    """Many small runs with 40 columns between them."""
    experiment_id = tracker.experiment("many")

    def track(n: int) -> str:
        return tracker.run(
            experiment_id,
            f"many-{n:05d}",
            number=n,
            params={f"p{i:02d}": (n * (i + 3)) % 101 for i in range(20)},
            metrics={f"m{i:02d}": [((n * (i + 7)) % 997) / 997] for i in range(20)},
        )

    with ThreadPoolExecutor(8) as clients:  # their commits are grouped
        list(clients.map(track, range(MANY)))
    return experiment_id


PAYLOAD = "\"><img src=x onerror=alert(1)><script>alert(2)</script>{{7*7}}' `"


def hostile(tracker: Tracker) -> str:
    """The address of a run with a payload in every text that a user may choose."""
    experiment_id = tracker.experiment(f"hostile {PAYLOAD}")
    run_id = tracker.run(
        experiment_id,
        f"run {PAYLOAD}",
        params={"value": PAYLOAD},
        tags={"text": PAYLOAD, "mlflow.note.content": PAYLOAD, "mlflow.source.name": PAYLOAD},
        metrics={"loss": [2.0, 1.0]},
    )
    dataset = {"name": PAYLOAD, "digest": "d1", "source_type": "local", "source": PAYLOAD}
    dataset |= {"schema": PAYLOAD, "profile": "[1]"}
    tracker.ask("runs/log-inputs", run_id=run_id, datasets=[{"dataset": dataset, "tags": []}])
    return f"/experiments/{experiment_id}/runs/{run_id}"


REPORT = b"""<h1 style="color: teal">Report</h1><p id="told"></p><script>
const told = [`origin ${self.origin}`];
try { told.push(parent.document.title) } catch (error) { told.push(error.name) }
try { told.push(document.cookie || localStorage.length) } catch (error) { told.push(error.name) }
document.getElementById("told").textContent = told.join(", ")
</script>"""
SVG = b"""<svg xmlns="http://www.w3.org/2000/svg" width="80" height="40">
<rect width="80" height="40" fill="teal"/><script>alert(3)</script></svg>"""


CONSOLE = b"""2026-01-02T03:04:05.678Z   epoch 1 \x1b[1;32mloss 0.5\x1b[0m \x1b[38;5;214mlr 0.1\x1b[0m \x1b[2mfast\x1b[0m
2026-01-02T03:04:06.012Z ! \x1b[41mWARNING\x1b[0m \x1b[33mgradient overflow\x1b[0m
"""


HOSTILE_CSV = b"""<img src=x onerror="document.title='run'">,=1+1
<script>document.title='run'</script>,javascript:0
"""


def _parquet() -> bytes:
    sink = io.BytesIO()
    numbers = range(100_000)
    table = pa.table({"step": numbers, "score": [n / 8 for n in numbers], "parts": [[1]] * 100_000})
    pq.write_table(table, sink, row_group_size=10_000)
    return sink.getvalue()


def with_artifacts(tracker: Tracker) -> str:
    """The address of a run that left files behind."""
    experiment_id = tracker.experiment("artifacts")
    run_id = tracker.run(experiment_id, "with-artifacts")
    files = {
        "report.html": REPORT,
        "plots/deep/fit.svg": SVG,
        "table.csv": b'city,delay\n"Paris, CDG",12.5\nOslo,3\n',
        "long.csv": b"n,square\n" + b"".join(b"%d,%d\n" % (n, n * n) for n in range(5_000)),
        "scores.parquet": _parquet(),
        "hostile.csv": HOSTILE_CSV,
        "conf.json": b'{"lr":0.1,"layers":[1,2]}',
        "notes.txt": b"first line\n<b>not bold</b>\n",
        "model.bin": bytes(4_200_000),
        "console/output.log": CONSOLE,
    }
    for path, content in files.items():
        tracker.upload(run_id, path, content)
    return f"/experiments/{experiment_id}/runs/{run_id}"


_PATCH = """diff --git a/train.py b/train.py
--- a/train.py
+++ b/train.py
@@ -1,3 +1,3 @@
 import headrace
-depth = 3
+depth = {depth}
 print("trained")
"""


def compared(tracker: Tracker) -> list[str]:
    """Three runs that differ in a param, metrics, packages, code, a text and pictures."""
    experiment_id = tracker.experiment("compared")
    return [_compared(tracker, experiment_id, n) for n in range(3)]


def _compared(tracker: Tracker, experiment_id: str, n: int) -> str:
    run_id = tracker.run(
        experiment_id,
        f"side-{n}",
        number=n,
        params={"depth": n + 3, "model": "tree"},
        metrics={"loss": [1.0, 0.5 + n / 4], "best": [0.9]},
        tags={"mlflow.source.git.commit": f"{n}" * 40, "team": "core"},
    )
    files = {
        "environment/requirements.txt": f"# CPython 3.12.1 at /usr/bin/python3\nnumpy==2.{n}.0\nscipy==1.15.0\n",
        "source/uncommitted.patch": _PATCH.format(depth=n + 3),
        "report.md": "# Report\n" + "same\n" * 40 + f"depth {n + 3}\n",
        f"images/face+step+{n}+timestamp+1760000000000+id.svg": SVG.decode(),
        f"images/face+step+5+timestamp+1760000000000+id{n}.svg": SVG.decode(),
        "plots/fit.svg": SVG.decode(),
    }
    for path, content in files.items():
        tracker.upload(run_id, path, content.encode())
    return run_id


def sweep(tracker: Tracker) -> str:
    """12 runs of three models: curves that fall with ``lr``'s distance from 0.01, one of them with a spike."""
    experiment_id = tracker.experiment("sweep")
    for n in range(12):
        level = 1 + n % 3 + n / 12
        losses = [level + 2 * math.exp(-step / 10) for step in range(60)]
        if n == 11:
            losses[30] = 1e6
        tracker.run(
            experiment_id,
            f"sweep-{n:02d}",
            number=n,
            params={"model": MODELS[n % 3], "lr": 10.0 ** -(1 + n % 4), "depth": n, "seed": 7},
            metrics={
                "train/loss": losses,
                "train/acc": [1 - loss / 10 for loss in losses],
                "val/loss": [level + 1 / (1 + step) for step in range(0, 60, 5)],
                "epoch": [float(step // 10) for step in range(60)],
                "score": [level * 2],
                "system/cpu": [50.0, 60.0],
            },
        )
    return experiment_id
