"""The short way of most requests: rows of plain numbers, read straight into an array."""

from typing import Any

import msgspec

from headrace import plugins
from headrace.models.mlmodel import Model
from headrace.models.schema import DataType

_NUMBERS = {DataType.double: float, DataType.long: int}


class Rows:
    """Reads the rows of a model that takes only numbers of one type, each of them required.

    What does not fit is not refused here: it goes the long way, where it is told what is wrong with it.
    """

    def __init__(self, names: list[str], kind: type) -> None:
        rows: Any = list[list[kind]]  # type: ignore[valid-type]  # known only now
        columns = [("columns", list[str]), ("data", rows)]
        split = msgspec.defstruct("Split", columns, forbid_unknown_fields=True)
        body = msgspec.defstruct("Body", [("dataframe_split", split)], forbid_unknown_fields=True)
        self._decoder: Any = msgspec.json.Decoder(body)
        self.names, self._width = names, len(names)
        self._dtype = "int64" if kind is int else "float64"
        self._array, self._pandas = plugins.load("numpy:array"), plugins.load("pandas")
        self._index = self._pandas.Index(names)

    @classmethod
    def of(cls, model: Model) -> "Rows | None":
        """What reads the rows of a model; nothing for one that takes something else."""
        schema = model.get_input_schema()
        if schema is None or schema.is_tensor_spec() or not schema.has_input_names():
            return None
        kinds = {one.type for one in schema.inputs}
        kind = _NUMBERS.get(kinds.pop()) if len(kinds) == 1 else None
        if kind is None or schema.optional_input_names():
            return None
        return cls([str(name) for name in schema.input_names()], kind)

    def read(self, body: bytes) -> Any:
        """The rows as an array; ``None`` for a body that has to go the long way."""
        try:
            split = self._decoder.decode(body).dataframe_split
            if split.columns != self.names or not split.data:
                return None
            rows = self._array(split.data, self._dtype)
        except (msgspec.DecodeError, UnicodeDecodeError, ValueError, OverflowError):
            return None
        return rows if rows.shape[1:] == (self._width,) else None

    def frame(self, rows: Any) -> Any:
        """The rows as the model takes them."""
        return self._pandas.DataFrame(rows, columns=self._index, copy=False)
