"""Stores that tests look after: what is in them, and a keeper that is killed."""

import os
import signal
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from headrace.artifacts.base import ArtifactStore
from headrace.client.tracking import MlflowClient
from headrace.config import Settings
from headrace.upkeep.collecting import Item, Wanted, look, remove
from headrace.upkeep.premises import Premises, address_of, open_premises


@dataclass
class Kept:
    """A folder of runs, its client and its keeper."""

    folder: Path
    client: MlflowClient
    premises: Premises

    def new_run(self, experiment_id: str = "0", files: int = 2) -> str:
        """A run with points, a param and files."""
        run_id = self.client.create_run(experiment_id).info.run_id
        self.client.log_param(run_id, "p", 1)
        for step in range(3):
            self.client.log_metric(run_id, "loss", 1 / (step + 1), timestamp=step, step=step)
        for number in range(files):
            self.client.log_text(run_id, f"{run_id} {number}", f"deep/{number}.txt")
        return run_id

    def new_model(self, experiment_id: str = "0", run_id: str | None = None) -> str:
        """A logged model with a file."""
        model = self.client.create_logged_model(experiment_id, source_run_id=run_id)
        file = self.folder.parent / "weights.bin"
        file.write_bytes(b"weights")
        self.client.log_model_artifact(model.model_id, str(file))
        return model.model_id

    def files(self) -> set[str]:
        """All artifacts, by their paths in the folder."""
        root = self.folder / "artifacts"
        return {str(path.relative_to(root)) for path in root.rglob("*") if path.is_file()}

    def collect(self, **wanted: Any) -> dict[str, Item]:
        """Remove what was deleted; what became of each item."""
        items = look(self.premises, Wanted(**wanted))
        done = remove(self.premises, items, wanted.get("before"))
        return {item.id: item for item in done}


class _Counted:
    """Passes calls on, and kills the process before or after a given one of those that change something."""

    def __init__(self, inner: Any, step: Callable[[str], None]) -> None:
        self._inner, self._step = inner, step

    def __getattr__(self, name: str) -> Any:
        method = getattr(self._inner, name)
        if name not in {"condemn", "purge", "delete"}:
            return method

        def called(*arguments: Any) -> Any:
            self._step(f"before {name}")
            answer = method(*arguments)
            self._step(f"after {name}")
            return answer

        return called


def collect_and_die(folder: str, fatal: int) -> int:
    """Remove all that was deleted, but be killed at the step ``fatal``; how many steps there were."""
    steps = 0

    def step(_name: str) -> None:
        nonlocal steps
        if steps == fatal:
            os.kill(os.getpid(), signal.SIGKILL)
        steps += 1

    real = open_premises(address_of(folder, None, Settings()))

    def opened(uri: str) -> ArtifactStore:
        return _Counted(real.open_artifacts(uri), step)

    premises = Premises(_Counted(real.store, step), opened)
    for _ in remove(premises, look(premises, Wanted()), None):
        pass
    real.store.close()
    return steps
