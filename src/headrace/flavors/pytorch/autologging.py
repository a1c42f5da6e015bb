"""Autologging of PyTorch: ``Trainer.fit`` of Lightning; for plain loops see `watching`."""

import sys
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.autologging import beside, models, switch
from headrace.autologging.integration import Integration, Patch, Recorded
from headrace.autologging.session import Call, Session

_LIBRARIES = ("lightning.pytorch", "pytorch_lightning")
_TRAINER = ("max_epochs", "max_steps", "accumulate_grad_batches", "gradient_clip_val", "precision",
            "num_devices", "num_nodes", "log_every_n_steps", "check_val_every_n_epoch")  # fmt: skip
_STOPPING = ("monitor", "mode", "patience", "min_delta", "stopping_threshold")
_SUMMARY = "model_summary.txt"


def install(integration: Integration) -> Iterable[Patch]:  # noqa: ARG001
    """``Trainer.fit``, under whichever name Lightning is imported."""
    for library in _LIBRARIES:
        if library in sys.modules:
            owner = plugins.load(f"{library}.trainer.trainer:Trainer")
            yield Patch(owner=owner, name="fit", before=before, after=after)


def before(session: Session, call: Call) -> Call:
    """How it is trained, what the model is, and an ear for each epoch."""
    trainer, module = call.instance, call.given("model")
    settings = {name: getattr(trainer, name, None) for name in _TRAINER}
    session.params(
        {
            **settings,
            "strategy": type(trainer.strategy).__name__,
            "accelerator": type(trainer.accelerator).__name__,
            "callbacks": ", ".join(type(one).__name__ for one in trainer.callbacks),
            **{f"early_stopping_{key}": value for key, value in _stopping(trainer).items()},
            **dict(getattr(module, "hparams", {})),
        }
    )
    library = type(trainer).__module__.partition(".trainer")[0]
    with session.quietly("the summary"):
        text = str(plugins.load(f"{library}.utilities.model_summary:summarize")(module))
        beside.do(session, _SUMMARY, lambda client, run: client.log_text(run, text, _SUMMARY))
    return call.within(_listening(trainer, _ear(session, library)))


def after(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """Where it stopped, the best checkpoint, the trained module."""
    trainer = call.instance
    stopping = trainer.early_stopping_callback
    if stopping is not None:
        session.metrics(
            {
                "stopped_epoch": stopping.stopped_epoch,
                "best_score": stopping.best_score,
                "wait_count": stopping.wait_count,
            }
        )
    if session.options["checkpoint"]:
        with session.quietly("the best checkpoint"):
            for path in filter(None, (one.best_model_path for one in _checkpoints(trainer))):
                if Path(path).is_file():
                    session.run.log_artifact(path, "checkpoints")
    log_model = plugins.load("headrace.flavors.pytorch.model:log_model")
    models.record(session, log_model, trainer.lightning_module, None, None)


def _checkpoints(trainer: Any) -> list[Any]:
    return [one for one in trainer.checkpoint_callbacks if hasattr(one, "best_model_path")]


def _stopping(trainer: Any) -> Mapping[str, Any]:
    callback = trainer.early_stopping_callback
    return {} if callback is None else {name: getattr(callback, name, None) for name in _STOPPING}


@contextmanager
def _listening(trainer: Any, ear: Any) -> Iterator[None]:
    """The training is listened to, and no longer than it takes."""
    trainer.callbacks.insert(0, ear)
    try:
        yield
    finally:
        trainer.callbacks.remove(ear)


def _ear(session: Session, library: str) -> Any:
    base: Any = plugins.load(f"{library}:Callback")
    epochs, steps = session.options["log_every_n_epoch"], session.options["log_every_n_step"]

    class Ear(base):  # type: ignore[misc]  # what is imported late has no type
        """Records what the module logs."""

        def on_train_start(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
            with session.quietly("the optimizer"):
                session.params(_optimizer(trainer))

        def on_train_epoch_end(self, trainer: Any, pl_module: Any) -> None:  # noqa: ARG002
            if steps is None and (trainer.current_epoch + 1) % epochs == 0:
                _record(session, trainer, trainer.current_epoch)

        def on_train_batch_end(self, trainer: Any, *_: Any) -> None:
            if steps is not None and trainer.global_step % steps == 0:
                _record(session, trainer, trainer.global_step)

        def __reduce__(self) -> Any:
            return base, ()  # in another process it is deaf: the first one records

    return Ear()


def _record(session: Session, trainer: Any, step: int) -> None:
    with session.quietly("what the module logs"):
        if trainer.is_global_zero:
            session.metrics(trainer.callback_metrics, step)


def _optimizer(trainer: Any) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for optimizer in trainer.optimizers[:1]:
        found = {"optimizer_name": type(optimizer).__name__, **optimizer.defaults}
    for one in trainer.lr_scheduler_configs[:1]:
        found["lr_scheduler_name"] = type(one.scheduler).__name__
    return found


INTEGRATION = Integration(
    name="pytorch",
    modules=_LIBRARIES,
    distribution="lightning",
    install=install,
    options={"log_every_n_epoch": 1, "log_every_n_step": None, "checkpoint": True},
    without=("log_input_examples", "log_datasets", "log_model_signatures"),
    records=(
        Recorded(
            "params",
            "of a Trainer of Lightning: " + ", ".join(f"`{name}`" for name in _TRAINER)
            + ", `strategy`, `accelerator`, `callbacks`; the module's `hparams`; `optimizer_name` with its "
            "defaults, `lr_scheduler_name`; `early_stopping_…`",
        ),
        Recorded(
            "metrics",
            "what the module logs, by epoch; with `log_every_n_step` by the optimizer's step instead",
        ),
        Recorded("metrics", "with early stopping `stopped_epoch`, `best_score`, `wait_count`"),
        Recorded("artifacts", "`model_summary.txt`; `checkpoints/`: the best of each `ModelCheckpoint`"),
        Recorded("model", "`model`: the module"),
    ),
)  # fmt: skip
autolog = switch.function_of(INTEGRATION)
