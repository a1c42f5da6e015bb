"""Autologging of Keras 3: ``fit`` of its models, on whichever backend."""

from collections.abc import Iterable, Mapping
from typing import Any

from headrace import plugins
from headrace.autologging import beside, datasets, models, switch
from headrace.autologging.integration import Integration, Patch, Recorded
from headrace.autologging.session import Call, Session

_PARAMS = ("batch_size", "epochs", "steps_per_epoch", "validation_split", "shuffle", "initial_epoch",
           "validation_steps", "validation_batch_size", "validation_freq")  # fmt: skip
_STOPPING = ("monitor", "min_delta", "patience", "mode", "baseline", "restore_best_weights")
_SUMMARY = "model_summary.txt"


def install(integration: Integration) -> Iterable[Patch]:  # noqa: ARG001
    """``fit``, which the backend's trainer has."""
    model = plugins.load("keras:Model")
    owner = next(kind for kind in model.__mro__ if "fit" in vars(kind))
    yield Patch(owner=owner, name="fit", before=before, after=after)


def before(session: Session, call: Call) -> Call:
    """How it is trained, and an ear for each epoch."""
    given, model = call.arguments(), call.instance
    session.params({name: given.get(name) for name in _PARAMS})
    with session.quietly("the optimizer"):
        settings = model.optimizer.get_config()
        session.params({f"optimizer_{name}": value for name, value in settings.items()})
    for one in _of(given, "EarlyStopping"):
        session.params({f"early_stopping_{name}": getattr(one, name, None) for name in _STOPPING})
    callbacks = given.get("callbacks")
    if isinstance(callbacks, plugins.load("keras:callbacks.CallbackList")):
        return call  # complete as it is: what it noted is recorded afterwards
    session.notes["heard"] = True
    own = callbacks if isinstance(callbacks, list | tuple) else [callbacks] if callbacks else []
    return call.with_(callbacks=[*own, _ear(session)])


def after(session: Session, call: Call, result: Any) -> None:
    """The summary, where it stopped, the data, the trained model."""
    model, given = call.instance, call.arguments()
    if "heard" not in session.notes:
        _history(session, result)
    with session.quietly("the summary"):
        lines: list[str] = []
        model.summary(print_fn=lambda line, **_: lines.append(line))
        text = "\n".join(lines)
        beside.do(session, _SUMMARY, lambda client, run: client.log_text(run, text, _SUMMARY))
    for one in _of(given, "EarlyStopping"):
        session.metrics(_stopped(one))
    for one in _of(given, "TensorBoard"):
        _keep_board(session, str(one.log_dir))
    data = given.get("x")
    datasets.record(session, data, given.get("y"))
    keeping = plugins.load("headrace.flavors.keras.model")
    options = session.options["save_model_kwargs"]
    models.record(
        session,
        keeping.log_model,
        model,
        data if hasattr(data, "shape") else None,
        lambda rows: keeping.predict(model, rows, {}, {}),
        **({"save_model_kwargs": options} if options else {}),
    )


def _keep_board(session: Session, folder: str) -> None:
    beside.do(
        session, "what TensorBoard wrote",
        lambda client, run: client.log_artifacts(run, folder, "tensorboard_logs"),
    )  # fmt: skip


def _of(given: Mapping[str, Any], kind: str) -> list[Any]:
    """The first of the callbacks that is of this class of Keras, if there is one."""
    callbacks = given.get("callbacks") or ()
    found = getattr(callbacks, "callbacks", callbacks)
    several = found if isinstance(found, list | tuple) else [found]
    return [one for one in several if isinstance(one, plugins.load(f"keras:callbacks.{kind}"))][:1]


def _stopped(callback: Any) -> dict[str, Any]:
    """What it decided, and which weights the model has now."""
    found = {"best_epoch": callback.best_epoch, "best_value": callback.best}
    if callback.stopped_epoch:
        found["stopped_epoch"] = callback.stopped_epoch
    if callback.restore_best_weights:
        found["restored_epoch"] = callback.best_epoch
    return found


def _history(session: Session, result: Any) -> None:
    for place, epoch in enumerate(result.epoch):
        session.metrics({name: values[place] for name, values in result.history.items()}, epoch)


def _ear(session: Session) -> Any:
    base: Any = plugins.load("keras:callbacks.Callback")
    steps = session.options["log_every_n_steps"]

    class Ear(base):  # type: ignore[misc]  # what is imported late has no type
        """Records the numbers of each epoch."""

        def on_epoch_end(self, epoch: int, logs: Any = None) -> None:
            if session.options["log_every_epoch"] and steps is None:
                with session.quietly("the numbers of an epoch"):
                    session.metrics(logs or {}, epoch)

    class EarOfSteps(Ear):
        """Records the numbers of each so many steps: only where that is asked for, since Keras then waits."""

        seen = 0

        def on_train_batch_end(self, batch: int, logs: Any = None) -> None:  # noqa: ARG002
            self.seen += 1
            if self.seen % steps == 0:
                with session.quietly("the numbers of a step"):
                    session.metrics(logs or {}, self.seen)

    return Ear() if steps is None else EarOfSteps()


INTEGRATION = Integration(
    name="keras",
    modules=("keras",),
    distribution="keras",
    install=install,
    options={"log_every_epoch": True, "log_every_n_steps": None, "save_model_kwargs": None},
    records=(
        Recorded(
            "params",
            "of `fit`: " + ", ".join(f"`{name}`" for name in _PARAMS) + "; `optimizer_…`: its configuration; "
            "`early_stopping_…`",
        ),
        Recorded("metrics", "those of each epoch, `val_…` among them; with `log_every_n_steps` of steps instead"),
        Recorded("metrics", "with early stopping `best_epoch`, `best_value`, `stopped_epoch`, `restored_epoch`"),
        Recorded(
            "artifacts",
            "`model_summary.txt`; `tensorboard_logs/`, where a callback of TensorBoard wrote",
        ),
        Recorded("dataset", "the data, as context `train`, where it was given as a table or an array"),
        Recorded("model", "`model`, with its signature where the data was given as a table or an array"),
    ),
)  # fmt: skip
autolog = switch.function_of(INTEGRATION)
