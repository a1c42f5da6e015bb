"""Models in ONNX, which ONNX Runtime predicts with; ONNX runs no code of the model's author."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_FILE = "model.onnx"
_MOST_IN_ONE_FILE = 1_900_000_000
"""Bytes; a file of Protocol Buffers has at most 2 GiB."""
_PROVIDERS = ("CUDAExecutionProvider", "CPUExecutionProvider")
_THREADS = ("inter_op_num_threads", "intra_op_num_threads")


def save(
    onnx_model: Any,
    folder: Path,
    *,
    onnx_execution_providers: Sequence[str] | None = None,
    onnx_session_options: Mapping[str, Any] | None = None,
    save_as_external_data: bool | None = None,
) -> Saved:
    """Write the model; one that is too large for a file has its tensors beside it."""
    onnx = plugins.load("onnx")
    if not isinstance(onnx_model, onnx.ModelProto):
        raise InvalidValueError(
            f"onnx_model is an onnx.ModelProto, not {type(onnx_model).__name__}."
        )
    large = onnx_model.ByteSize() > _MOST_IN_ONE_FILE
    beside = large if save_as_external_data is None else save_as_external_data
    written = onnx_model
    if beside:  # which turns the model's tensors into references to the file
        written = onnx.ModelProto()
        written.CopyFrom(onnx_model)
    onnx.save_model(written, str(folder / _FILE), save_as_external_data=beside)
    config = {
        "onnx_version": onnx.__version__,
        "data": _FILE,
        "providers": list(onnx_execution_providers or _PROVIDERS),
        "onnx_session_options": dict(onnx_session_options) if onnx_session_options else None,
    }
    return Saved(config, {"data": _FILE}, ("numpy",))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The model as ``onnx.ModelProto``."""
    onnx = plugins.load("onnx")
    path = inside(folder, config.get("data", _FILE))
    try:
        onnx.checker.check_model(str(path))
        return onnx.load(str(path))
    except Exception as error:
        raise InvalidValueError(f"{path} is no valid ONNX model: {error}") from error


def _ready(folder: Path, config: Mapping[str, Any]) -> Any:
    return _session(str(inside(folder, config.get("data", _FILE))), config)


def _session(model: str | bytes, config: Mapping[str, Any]) -> Any:
    runtime = plugins.load("onnxruntime")
    options = runtime.SessionOptions()
    for name, value in (config.get("onnx_session_options") or {}).items():
        if name in _THREADS:
            setattr(options, name, int(value))
    there = runtime.get_available_providers()
    wanted = config.get("providers") or _PROVIDERS
    names = [one if isinstance(one, str) else one[0] for one in wanted]
    usable = [one for one in names if one in there] or ["CPUExecutionProvider"]
    try:
        return runtime.InferenceSession(model, options, providers=usable)
    except Exception as error:
        name = model if isinstance(model, str) else "The model"
        raise InvalidValueError(f"{name} is not taken by ONNX Runtime: {error}") from error


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    """A dict with an array for each output; for a table a table, where each gives one value a row."""
    if params:
        raise InvalidValueError(f"Models in ONNX take no params; given: {', '.join(params)}.")
    session = model if hasattr(model, "run") else _session(model.SerializeToString(), config)
    outputs = [one.name for one in session.get_outputs()]
    arrays = session.run(outputs, _feed(session.get_inputs(), data))
    found = dict(zip(outputs, arrays, strict=True))
    if hasattr(data, "columns") and all(getattr(one, "size", 0) == len(data) for one in arrays):
        columns = {name: array.reshape(-1) for name, array in found.items()}
        return plugins.load("pandas:DataFrame")(columns, index=data.index)
    return found


def _feed(inputs: Sequence[Any], data: Any) -> dict[str, Any]:
    """Arrays by the names of the inputs, of the types that they are declared to have."""
    if hasattr(data, "columns"):
        given = (
            {inputs[0].name: data.to_numpy()}
            if len(inputs) == 1
            else {one.name: data[[one.name]].to_numpy() for one in inputs}
        )
    elif isinstance(data, Mapping):
        given = dict(data)
    elif len(inputs) == 1:
        given = {inputs[0].name: data}
    else:
        names = ", ".join(one.name for one in inputs)
        raise InvalidValueError(f"The model takes a dict of arrays ({names}).")
    numpy = plugins.load("numpy")
    floats = {one.name for one in inputs if one.type == "tensor(float)"}
    arrays = {name: numpy.asarray(value) for name, value in given.items()}
    # Tables and lists hold doubles; models, as a rule, floats.
    return {
        name: array.astype("float32") if name in floats and array.dtype == "float64" else array
        for name, array in arrays.items()
    }


FLAVOR = Flavor(
    name="onnx",
    requires=("onnx", "onnxruntime"),
    save=save,
    load=load,
    predict=predict,
    formats={"onnx": None},
    format_of=lambda _: "onnx",
    ready=_ready,
)
save_model, log_model, load_model = functions.of(FLAVOR)
