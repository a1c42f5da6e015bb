"""Models of PaddlePaddle, as the programs that ``paddle.jit.save`` makes of them."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_PREFIX = "model"


def save(
    pd_model: Any,
    folder: Path,
    *,
    training: bool = False,
    input_spec: Sequence[Any] | None = None,
) -> Saved:
    """Write a layer, or a ``paddle.Model``; with ``training`` the latter's parameters and optimizer instead.

    ``input_spec`` describes the inputs of a layer whose ``forward`` does not.
    """
    paddle = plugins.load("paddle")
    if isinstance(pd_model, paddle.Model):
        pd_model.save(str(folder / _PREFIX), training=training)
    elif isinstance(pd_model, paddle.nn.Layer):
        paddle.jit.save(pd_model, str(folder / _PREFIX), input_spec=input_spec)
    else:
        raise InvalidValueError(
            f"pd_model is a paddle.nn.Layer or a paddle.Model, not {type(pd_model).__name__}."
        )
    config = {"pickled_model": _PREFIX, "paddle_version": paddle.__version__}
    return Saved(config, None if training else {"model_path": _PREFIX})


def load(folder: Path, config: Mapping[str, Any], *, model: Any = None) -> Any:
    """The program, ready to predict; into ``model``, a ``paddle.Model``, what was saved for its training."""
    prefix = inside(folder, config.get("pickled_model", _PREFIX))
    if model is not None:
        model.load(str(prefix))
        return model
    return plugins.load("paddle").jit.load(str(prefix))


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """What the program gives for an array, or for a table as one of single precision."""
    paddle = plugins.load("paddle")
    model.eval()
    if not hasattr(data, "columns"):
        return model(paddle.to_tensor(data), **params).numpy()
    found = model(paddle.to_tensor(data.to_numpy("float32")), **params).numpy()
    return plugins.load("pandas:DataFrame")(found, index=data.index)


FLAVOR = Flavor(
    name="paddle",
    requires=("paddle",),
    save=save,
    load=load,
    predict=predict,
    formats={"program": "it is a program, and may hold pickles"},
    format_of=lambda _: "program",
)
save_model, log_model, load_model = functions.of(FLAVOR)
