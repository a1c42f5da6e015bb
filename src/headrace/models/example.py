"""Input examples: kept with the model as data, and as the body of a request that scores it."""

import base64
import datetime as dt
import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any, NamedTuple

from headrace import plugins
from headrace.errors import InvalidValueError, NotFoundError
from headrace.models.inference import library_of

FILE = "input_example.json"
SERVING_FILE = "serving_input_example.json"
_CHAT = ("messages", "prompt", "input")


class Example(NamedTuple):
    """An example as it is written: what MLmodel says of it, and the contents of the two files."""

    info: dict[str, Any]
    content: Any
    serving: Any


def write(folder: Path, example: Any) -> dict[str, Any]:
    """Keep an example with a model; the answer is what MLmodel says of it.

    ``example`` is a data frame of pandas or Polars, an array or a dict of arrays, a sparse matrix, plain
    values, or a pair of one of these and a dict of params.
    """
    info, content, serving = _made(example)
    (folder / FILE).write_text(json.dumps(content), encoding="utf-8")
    (folder / SERVING_FILE).write_text(json.dumps(serving, indent=2), encoding="utf-8")
    return {**info, "artifact_path": FILE, "serving_input_path": SERVING_FILE}


def serving_of(example: Any) -> Any:
    """An example as the body of a request."""
    return _made(example).serving


def data_of(body: dict[str, Any]) -> Any:
    """The data in the body of a request; `InvalidValueError` says what it must have."""
    if any(key in body for key in _CHAT):
        return body
    keys = [key for key in body if key in _BODIES]
    if len(keys) != 1:
        raise InvalidValueError(
            f"A request has one of {', '.join(_BODIES)}; this has {list(body)}."
        )
    return _BODIES[keys[0]](body[keys[0]])


def _made(example: Any) -> Example:
    data, params = split(example)
    made = _described(data)
    if not params:
        return made
    said = _plain(params)
    content = {"inputs": made.content, "params": said}
    return Example({**made.info, "params": "true"}, content, {**made.serving, "params": said})


def split(example: Any) -> tuple[Any, dict[str, Any] | None]:
    """The data of an example, and its params if it has any."""
    pair = 2
    if isinstance(example, tuple) and len(example) == pair and isinstance(example[1], dict):
        return example
    return example, None


def read(folder: Path, info: Mapping[str, Any] | None) -> Any:
    """The example that a model was saved with, without its params; nothing if there is none."""
    content = _content(folder, info)
    if info is None or content is None:
        return None
    data = content["inputs"] if info.get("params") else content
    return _READERS.get(str(info.get("type")), _read_object)(data, info)


def read_params(folder: Path, info: Mapping[str, Any] | None) -> dict[str, Any] | None:
    """The params of the example, if it has any."""
    content = _content(folder, info)
    return content["params"] if info and content and info.get("params") else None


def read_serving(folder: Path, info: Mapping[str, Any] | None) -> str | None:
    """The example as the body of a request."""
    name = (info or {}).get("serving_input_path")
    return None if name is None else _inside(folder, str(name)).read_text(encoding="utf-8")


def _content(folder: Path, info: Mapping[str, Any] | None) -> Any:
    name = (info or {}).get("artifact_path")
    if name is None:
        return None
    path = _inside(folder, str(name))
    if not path.is_file():
        raise NotFoundError(
            f"The model in {folder} names an input example, {name}, that is not there."
        )
    return json.loads(path.read_text(encoding="utf-8"))


def _inside(folder: Path, name: str) -> Path:
    path = folder / name
    if not path.resolve().is_relative_to(folder.resolve()):
        raise InvalidValueError(f"The model in {folder} names a file outside of it: {name!r}.")
    return path


def _described(data: Any) -> Example:
    if library_of(data) == "polars":
        data = data.to_pandas()
    if library_of(data) == "torch" and hasattr(data, "detach"):
        data = data.detach().cpu().numpy()
    if library_of(data) == "pandas":
        return _of_frame(data.to_frame() if hasattr(data, "to_frame") else data)
    if hasattr(data, "toarray") and hasattr(data, "indptr"):
        return _of_sparse(data)
    arrays = data.values() if isinstance(data, Mapping) else [data]
    if data is not None and arrays and all(type(one).__name__ == "ndarray" for one in arrays):
        plain = _plain(data)
        return Example({"type": "ndarray"}, plain, {"inputs": plain})
    plain = _plain(data)
    as_it_is = isinstance(plain, dict) and any(key in plain for key in _CHAT)
    return Example({"type": "json_object"}, plain, plain if as_it_is else {"inputs": plain})


def _of_frame(frame: Any) -> Example:
    default = list(frame.columns) == list(range(len(frame.columns)))
    cells = {} if default else {"columns": [str(name) for name in frame.columns]}
    rows = [[_cell(value) for value in row] for row in frame.astype(object).values.tolist()]
    content = {**cells, "data": rows}
    info = {"type": "dataframe", "pandas_orient": "values" if default else "split"}
    return Example(info, content, {"dataframe_split": content})


def _of_sparse(matrix: Any) -> Example:
    kind = "csr" if matrix.format == "csr" else "csc"
    parts = matrix if matrix.format == kind else matrix.tocsc()
    content = {
        name: _plain(getattr(parts, name)) for name in ("data", "indices", "indptr", "shape")
    }
    return Example({"type": f"sparse_matrix_{kind}"}, content, {"inputs": _plain(matrix.toarray())})


def _cell(value: Any) -> Any:
    """A cell of a frame; what is missing is ``null``, in whatever way it was missing."""
    if value is None or type(value).__name__ in ("NAType", "NaTType") or value != value:
        return None
    return _plain(value)


def _plain(value: Any) -> Any:
    """Values that JSON knows: bytes in base64, times in ISO 8601, arrays as lists."""
    if isinstance(value, Mapping):
        return {str(key): _plain(one) for key, one in value.items()}
    if isinstance(value, list | tuple):
        return [_plain(one) for one in value]
    if isinstance(value, bytes | bytearray):
        return base64.encodebytes(bytes(value)).decode("ascii")
    if isinstance(value, dt.datetime | dt.date):
        return value.isoformat()
    for convert in ("model_dump", "tolist", "item"):
        method = getattr(value, convert, None)
        if callable(method):
            return _plain(method())
    if value is None or isinstance(value, str | int | float):
        return value
    raise InvalidValueError(f"An input example cannot hold a {type(value).__name__}: {value!r}.")


def _read_frame(data: Any, info: Mapping[str, Any]) -> Any:  # noqa: ARG001  (one shape for all readers)
    pandas = plugins.load("pandas")
    if isinstance(data, dict):
        made = pandas.DataFrame(data["data"], columns=data.get("columns"), dtype=object)
    else:
        made = pandas.DataFrame(data, dtype=object)
    return made.infer_objects()  # integers beside missing values are not made floats


def _read_array(data: Any, info: Mapping[str, Any]) -> Any:  # noqa: ARG001
    numpy = plugins.load("numpy")
    if isinstance(data, dict):
        return {name: numpy.array(one) for name, one in data.items()}
    return numpy.array(data)


def _read_sparse(data: Any, info: Mapping[str, Any]) -> Any:
    kind = str(info["type"]).removeprefix("sparse_matrix_")
    parts = (data["data"], data["indices"], data["indptr"])
    return plugins.load(f"scipy.sparse:{kind}_matrix")(parts, shape=tuple(data["shape"]))


def _read_object(data: Any, info: Mapping[str, Any]) -> Any:  # noqa: ARG001
    return data


_READERS = {
    "dataframe": _read_frame,
    "ndarray": _read_array,
    "sparse_matrix_csr": _read_sparse,
    "sparse_matrix_csc": _read_sparse,
    "json_object": _read_object,
}
_BODIES = {
    "dataframe_split": lambda given: _read_frame(given, {}),
    "dataframe_records": lambda given: _read_frame(given, {}),
    "inputs": lambda given: given,
    "instances": lambda given: given,
}
