"""Runs in an environment with other trackers: writes their folders here, and tells what it wrote.

The clock of the scalars is given, so that the test knows it.
"""

import os

os.environ |= {"WANDB_MODE": "offline", "WANDB_SILENT": "true", "WANDB_CONSOLE": "wrap"}

import numpy as np
import wandb
from tensorboardX import SummaryWriter

T = 1_700_000_000


def tensorboard() -> None:
    with SummaryWriter("logs/train") as writer:
        for step in range(500):
            writer.add_scalar("loss", 1 / (step + 1), step, walltime=T + step)
        writer.add_scalar("odd", float("nan"), -7, walltime=T)
        writer.add_scalar("odd", float("-inf"), 2**40, walltime=T)
        writer.add_text("note", "hello **world**", 3, walltime=T)
        writer.add_image("pic", np.zeros((3, 4, 4), dtype=np.uint8), 5, walltime=T)
        writer.add_histogram("weights", np.arange(10), 1)
        writer.add_hparams(
            {"lr": 0.1, "opt": "adam", "flag": True, "depth": 3}, {"hp/acc": 0.9}, name="trial"
        )
    with SummaryWriter("logs/validation") as writer:
        writer.add_scalar("loss", 0.25, 1, walltime=T)


def offline_runs() -> None:
    run = wandb.init(
        project="a project",
        id="kept1234",
        name="first",
        config={"lr": 0.1, "net": {"depth": 3, "act": "relu"}},
        tags=["good"],
        notes="a note",
        group="group",
    )
    for step in range(2_000):
        run.log({"loss": 1 / (step + 1), "deep": {"x": step}, "word": "w"})
    run.log({"loss": float("nan"), "big": float("inf"), "flag": True})
    run.log({"img": wandb.Image(np.zeros((4, 4, 3), dtype=np.uint8)), "h": wandb.Histogram([1, 2])})
    run.summary["best"] = 0.5
    run.summary["verdict"] = "ok"
    run.config.update({"late": 1})
    print("a line of the console")
    run.finish()
    wandb.init(project="a project", id="failed99").finish(exit_code=3)
    other = wandb.init(project="other")
    other.log({"m": 1})
    other.finish()


tensorboard()
offline_runs()
