"""One callable that adds a model's predictions to a table, whichever library the table is of.

Engines for large data call it for a part of the data after another: Ray's ``map_batches``, Dask's
``map_partitions``, Polars' ``map_batches``.
"""

from collections.abc import Callable, Mapping
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models.inference import library_of
from headrace.pyfunc.functions import load_model
from headrace.pyfunc.loaded import PyFuncModel


class Predictor:
    """``Predictor(uri)(table)`` is the table with its predictions beside it, as a table of the same kind.

    The table is a data frame of pandas or Polars, a table of Arrow, or a dict of arrays of NumPy. The
    predictions stand in the column ``output``; those with names of their own in ``output_NAME``. The
    model is loaded when it is first needed, once in each process: what travels to workers is its URI.
    """

    def __init__(
        self,
        model_uri: str,
        output: str = "prediction",
        *,
        params: dict[str, Any] | None = None,
        allow_code: bool | None = None,
    ) -> None:
        self._uri, self._output = str(model_uri), output
        self._params, self._allow_code = params, allow_code
        self._loaded: PyFuncModel | None = None

    def __getstate__(self) -> dict[str, Any]:
        """What travels to another process."""
        return {**vars(self), "_loaded": None}

    @property
    def model(self) -> PyFuncModel:
        """The model, loaded now if it was not yet."""
        if self._loaded is None:
            self._loaded = load_model(self._uri, allow_code=self._allow_code)
        return self._loaded

    def use(self, model: PyFuncModel) -> None:
        """Predict with a model that is loaded already."""
        self._loaded = model

    def __call__(self, table: Any) -> Any:
        """A table with its predictions; `InvalidValueError` for something that is no table."""
        library = "numpy" if isinstance(table, Mapping) else library_of(table)
        if library not in _KINDS:
            raise InvalidValueError(
                f"Predictions are added to tables of {', '.join(_KINDS)}, not to a {type(table).__name__}."
            )
        read, add = _KINDS[library]
        frame = read(table)
        return add(table, self._named(self.columns(frame)))

    def columns(self, frame: Any) -> Any:
        """The predictions for a data frame of pandas, as one with the same index."""
        pandas = plugins.load("pandas")
        found = self.model.predict(frame, self._params)
        made = found if isinstance(found, pandas.DataFrame) else _one_column(found)
        if len(made) != len(frame):
            raise InvalidValueError(
                f"The model at '{self._uri}' gave {len(made)} predictions for {len(frame)} rows."
            )
        return made.set_axis(frame.index)

    def _named(self, found: Any) -> dict[str, Any]:
        if list(found.columns) == [0]:
            return {self._output: found[0]}
        return {f"{self._output}_{name}": found[name] for name in found.columns}


def _one_column(found: Any) -> Any:
    """Predictions in a column; a row of several is a list."""
    pandas = plugins.load("pandas")
    if library_of(found) == "torch":
        found = found.detach().cpu().numpy()
    values = list(found) if getattr(found, "ndim", 1) > 1 else found
    return pandas.DataFrame({0: pandas.Series(values).reset_index(drop=True)})


def _to_pandas(table: Any) -> Any:
    return table.to_pandas()


def _of_arrays(table: Mapping[str, Any]) -> Any:
    return plugins.load("pandas").DataFrame(
        {name: list(one) if one.ndim > 1 else one for name, one in table.items()}
    )


def _beside_polars(table: Any, found: Mapping[str, Any]) -> Any:
    series = plugins.load("polars:Series")
    return table.with_columns([series(name, one.tolist()) for name, one in found.items()])


def _beside_arrow(table: Any, found: Mapping[str, Any]) -> Any:
    array = plugins.load("pyarrow:array")
    for name, one in found.items():
        table = table.append_column(name, array(one.tolist()))
    return table


_KINDS: Mapping[str, tuple[Callable[[Any], Any], Callable[[Any, Mapping[str, Any]], Any]]] = {
    "pandas": (lambda table: table, lambda table, found: table.assign(**found)),
    "polars": (_to_pandas, _beside_polars),
    "pyarrow": (_to_pandas, _beside_arrow),
    "numpy": (
        _of_arrays,
        lambda table, found: {**table, **{name: one.to_numpy() for name, one in found.items()}},
    ),
}
