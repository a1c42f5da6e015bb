"""Models of other libraries put into ONNX by their converters, and held to what they predicted before."""

import copy
from collections.abc import Callable, Sequence
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.flavors.onnx.model import predict

_DIFFERENCE = "headrace.export.max_difference"
_SOURCE = "headrace.export.source"


def export(
    model: Any, example: Any, *, opset: int | None = None, rtol: float = 1e-3, atol: float = 1e-4
) -> Any:
    """A module of PyTorch, or an estimator of scikit-learn, XGBoost or LightGBM, as ``onnx.ModelProto``.

    ``example`` is a table or an array of some rows, for PyTorch an array or a tuple of arrays. Both models
    predict it; where one number differs by more than ``atol + rtol * |number|``, or one label at all, the
    export is refused with `InvalidValueError`. The largest difference stands in the model's metadata.
    Numbers are single precision in ONNX, as its runtime is fastest with.
    """
    library = next((top for top in map(_top, type(model).__mro__) if top in _EXPORTERS), None)
    if library is None:
        raise InvalidValueError(
            f"A {type(model).__name__} cannot be exported. Known: modules and estimators of "
            f"{', '.join(_EXPORTERS)}."
        )
    convert, outputs = _EXPORTERS[library]
    fitting = _single(example)
    try:
        made = convert(model, fitting, opset)
    except ImportError as error:
        raise UnsupportedError(
            f"The converter of {library} is missing: pip install 'headrace[onnx]'."
        ) from error
    except Exception as error:
        raise InvalidValueError(
            f"The converter of {library} does not take this {type(model).__name__}: {error}"
        ) from error
    found = predict(made, fitting if isinstance(fitting, dict) else _named(made, fitting), {}, {})
    worst = _difference(outputs(model, fitting), list(found.values()), rtol, atol)
    for key, value in ((_SOURCE, type(model).__qualname__), (_DIFFERENCE, repr(worst))):
        made.metadata_props.add(key=key, value=value)
    return made


def _top(kind: type) -> str:
    return kind.__module__.partition(".")[0]


def _single(example: Any) -> Any:
    """The example with its doubles as singles."""
    if isinstance(example, tuple):
        return tuple(map(_single, example))
    if hasattr(example, "columns"):
        doubles = example.select_dtypes("float64").columns
        return example.astype(dict.fromkeys(doubles, "float32"))
    array = plugins.load("numpy:asarray")(example)
    return array.astype("float32") if array.dtype == "float64" else array


def _named(made: Any, example: Any) -> dict[str, Any]:
    """The example by the names of the model's inputs."""
    names = [one.name for one in made.graph.input]
    if hasattr(example, "columns") and len(names) > 1:
        return {name: example[[name]].to_numpy() for name in names}
    given = example if isinstance(example, tuple) else (example,)
    arrays = [one.to_numpy() if hasattr(one, "columns") else one for one in given]
    return dict(zip(names, arrays, strict=True))


def _difference(expected: Sequence[Any], found: Sequence[Any], rtol: float, atol: float) -> float:
    """The largest difference of two numbers, where it may be so large."""
    numpy = plugins.load("numpy")
    worst = 0.0
    for wanted, came in zip(map(numpy.asarray, expected), map(numpy.asarray, found), strict=True):
        same = came.reshape(wanted.shape)
        if not numpy.issubdtype(wanted.dtype, numpy.floating):
            if not numpy.array_equal(wanted.astype(str), same.astype(str)):
                count = int((wanted.astype(str) != same.astype(str)).sum())
                raise InvalidValueError(
                    f"The exported model gives {count} of {wanted.size} other labels."
                )
            continue
        worst = max(worst, float(numpy.abs(wanted - same).max(initial=0.0)))
        if not numpy.allclose(same, wanted, rtol=rtol, atol=atol):
            raise InvalidValueError(
                f"The exported model's numbers differ by up to {worst:g}: more than {atol:g} + {rtol:g} of each."
            )
    return worst


def _of_torch(model: Any, example: Any, opset: int | None) -> Any:
    torch = plugins.load("torch")
    given = example if isinstance(example, tuple) else (example,)
    arrays = tuple(torch.as_tensor(one) for one in given)
    # Any number of rows. A first dimension of one row would become a constant.
    rows = tuple({0: torch.export.Dim.AUTO} if one.shape[0] > 1 else None for one in arrays)
    program = torch.onnx.export(
        model, arrays, dynamo=True, dynamic_shapes=rows, opset_version=opset, verbose=False
    )
    return program.model_proto


def _from_torch(model: Any, example: Any) -> list[Any]:
    torch = plugins.load("torch")
    given = example if isinstance(example, tuple) else (example,)
    with torch.no_grad():
        found = model(*(torch.as_tensor(one) for one in given))
    several = found if isinstance(found, tuple | list) else [found]
    return [one.detach().cpu().numpy() for one in several]


def _of_sklearn(model: Any, example: Any, opset: int | None) -> Any:
    first = example.iloc[:1] if hasattr(example, "iloc") else example[:1]
    if hasattr(example, "columns") and not _is_by_column(model, example):
        first = first.to_numpy("float32")
    options = {"zipmap": False} if hasattr(model, "predict_proba") else None
    return plugins.load("skl2onnx:to_onnx")(model, first, options=options, target_opset=opset)


def _is_by_column(model: Any, example: Any) -> bool:
    """Whether the model takes columns by name, or such as are no numbers: then each is an input."""
    steps = dict(getattr(model, "steps", [("", model)])).values()
    by_name = any(type(step).__name__ == "ColumnTransformer" for step in steps)
    return by_name or any(kind.kind not in "fiub" for kind in example.dtypes)


def _from_sklearn(model: Any, example: Any) -> list[Any]:
    methods = ["predict", "predict_proba"] if hasattr(model, "predict_proba") else ["predict"]
    found = methods if hasattr(model, "predict") else ["transform"]
    return [getattr(model, name)(example) for name in found]


def _of_boosting(name: str) -> Callable[[Any, Any, int | None], Any]:
    def convert(model: Any, example: Any, opset: int | None) -> Any:
        tools = plugins.load("onnxmltools")
        singles = plugins.load("onnxmltools.convert.common.data_types:FloatTensorType")
        nameless = copy.deepcopy(model)
        if name == "xgboost":  # whose converter takes columns without names
            nameless.get_booster().feature_names = None
        inputs = [("input", singles([None, example.shape[1]]))]
        made = getattr(tools, f"convert_{name}")
        options = {"zipmap": False} if name == "lightgbm" else {}
        return made(nameless, initial_types=inputs, target_opset=opset, **options)

    return convert


_EXPORTERS: dict[str, tuple[Callable[..., Any], Callable[..., list[Any]]]] = {
    "torch": (_of_torch, _from_torch),
    "xgboost": (_of_boosting("xgboost"), _from_sklearn),
    "lightgbm": (_of_boosting("lightgbm"), _from_sklearn),
    "sklearn": (_of_sklearn, _from_sklearn),
}
