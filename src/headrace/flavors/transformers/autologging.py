"""Autologging of Transformers: ``Trainer.train`` of every trainer."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from headrace import plugins
from headrace.autologging import classes, models, switch
from headrace.autologging.integration import Integration, Patch, Recorded
from headrace.autologging.session import Call, Session


def install(integration: Integration) -> Iterable[Patch]:
    """``train`` of the trainer, and of those below it that have their own."""
    return classes.patches(integration, plugins.load("transformers.trainer:Trainer"), _patches)


def _patches(kind: type) -> Iterator[Patch]:
    if kind.__module__.partition(".")[0] == "transformers" and "train" in vars(kind):
        yield Patch(owner=kind, name="train", before=before, after=after)


def before(session: Session, call: Call) -> Call:
    """How the model is made and how it is trained, and an ear for what the trainer says."""
    trainer = call.instance
    settings: Any = getattr(trainer.model, "config", None)
    made = settings.to_dict() if hasattr(settings, "to_dict") else {}
    session.params({**made, **trainer.args.to_sanitized_dict()})
    return call.within(_listening(trainer, _ear(session)))


def after(session: Session, call: Call, result: Any) -> None:  # noqa: ARG001
    """The trained model with what prepares its input."""
    trainer = call.instance
    preparing = {"tokenizer": trainer.processing_class} if trainer.processing_class else {}
    log_model = plugins.load("headrace.flavors.transformers.model:log_model")
    models.record(session, log_model, {"model": trainer.model, **preparing}, None, None)


@contextmanager
def _listening(trainer: Any, ear: Any) -> Iterator[None]:
    """The training is listened to, and no longer than it takes."""
    trainer.add_callback(ear)
    try:
        yield
    finally:
        trainer.remove_callback(ear)


def _ear(session: Session) -> Any:
    base: Any = plugins.load("transformers:TrainerCallback")

    class Ear(base):  # type: ignore[misc]  # what is imported late has no type
        """Records what the trainer reports."""

        def on_log(
            self, args: Any, state: Any, control: Any, logs: Any = None, **_: Any  # noqa: ARG002
        ) -> None:  # fmt: skip
            with session.quietly("what the trainer reports"):
                session.metrics(logs or {}, state.global_step)

    return Ear()


INTEGRATION = Integration(
    name="transformers",
    modules=("transformers.trainer",),
    distribution="transformers",
    install=install,
    options={"log_models": False},
    without=("log_input_examples", "log_model_signatures", "log_datasets"),
    records=(
        Recorded("params", "the configuration of the model, and all of `TrainingArguments`"),
        Recorded("metrics", "all that the trainer reports, by its step: `loss`, `eval_loss`, `grad_norm`, `learning_rate`"),
        Recorded("model", "`model`, with its tokenizer, where `log_models` is true"),
    ),
)  # fmt: skip
autolog = switch.function_of(INTEGRATION)
