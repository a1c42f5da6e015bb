"""Folders ``mlruns`` written by hand: many runs, quickly, as MLflow lays them out."""

import math
from pathlib import Path

T = 1_700_000_000_000


def mlruns(folder: Path, *, runs: int, points: int, keys: int = 1) -> Path:
    """One experiment with runs of as many points, evenly on the keys, a param, a tag and a file each."""
    home = folder / "mlruns" / "123456789012345678"
    home.mkdir(parents=True)
    (home / "meta.yaml").write_text(
        "experiment_id: '123456789012345678'\nname: many\nlifecycle_stage: active\n"
    )
    for number in range(runs):
        _run(home / f"{number:032x}", points, keys)
    return folder / "mlruns"


def _run(home: Path, points: int, keys: int) -> None:
    for name in ("params", "metrics", "tags", "artifacts"):
        (home / name).mkdir(parents=True)
    (home / "meta.yaml").write_text(
        f"run_id: '{home.name}'\nrun_name: run {home.name[-4:]}\nstatus: 3\nuser_id: me\n"
        f"start_time: {T}\nend_time: {T + 1}\nlifecycle_stage: active\nartifact_uri: ''\n"
    )
    (home / "params" / "lr").write_text("0.1")
    (home / "tags" / "team").write_text("vision")
    (home / "artifacts" / "model.txt").write_text(home.name * 10)
    for key in range(keys):
        lines = (f"{T + step} {math.sin(step + key)!r} {step}\n" for step in range(points // keys))
        (home / "metrics" / f"m{key}").write_text("".join(lines))
