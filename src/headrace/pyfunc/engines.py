"""Models as functions of SQL engines: Spark and DuckDB."""

import functools
import inspect
from collections.abc import Callable, Iterator, Mapping
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.models import loading
from headrace.models.schema import DataType, Schema, TensorSpec
from headrace.pyfunc.functions import load_model
from headrace.pyfunc.loaded import PyFuncModel
from headrace.pyfunc.tables import Predictor

_SPARK = {"integer": "int", "long": "bigint", "datetime": "timestamp"}
_SPARK_TENSORS = {"i": "bigint", "u": "bigint", "b": "boolean", "U": "string", "O": "string"}
_DUCKDB = {
    "boolean": "BOOLEAN", "integer": "INTEGER", "long": "BIGINT", "float": "FLOAT",
    "double": "DOUBLE", "string": "VARCHAR", "binary": "BLOB", "datetime": "TIMESTAMP",
}  # fmt: skip
_loaded: dict[tuple[str, str], PyFuncModel] = {}
"""Models of this worker process, by their folder and configuration."""


def spark_udf(
    spark: Any,
    model_uri: str,
    result_type: Any = None,
    env_manager: str | None = None,
    params: dict[str, Any] | None = None,
    extra_env: Mapping[str, str] | None = None,
    prebuilt_env_uri: str | None = None,
    model_config: dict[str, Any] | None = None,
    *,
    allow_code: bool | None = None,
) -> Callable[..., Any]:
    """A vectorised function of columns of Spark that predicts with the model.

    It takes the model's columns in the order of the signature, or one struct of them; called with nothing it
    takes the columns that the signature names. ``result_type`` is a type of Spark, or its name; by default
    that of the signature, else ``double``. Predictions of several columns need a struct, lists an array.

    The model is fetched here and goes to the executors with Spark's own means; each Python worker loads it
    once. Executors have the environment of Spark: `UnsupportedError` for another ``env_manager``.
    """
    if env_manager not in (None, "local") or prebuilt_env_uri is not None:
        raise UnsupportedError(
            "spark_udf predicts in the environment of Spark: env_manager='local'."
        )
    if not hasattr(type(spark), "sparkContext"):
        raise UnsupportedError("spark_udf needs a session of classic Spark, not of Spark Connect.")
    found = loading.find(model_uri, allow_code=allow_code)
    model = load_model(model_uri, model_config=model_config, allow_code=allow_code)
    if extra_env:
        raise UnsupportedError(
            "spark_udf sets no variables: give them to Spark, as spark.executorEnv.*"
        )
    names = _names(model)
    spark.sparkContext.addFile(str(found.folder), recursive=True)
    kind = result_type or _result_of(model)
    as_text = str(kind).lower() in ("string", "stringtype()")
    predicted = _on_workers(found.folder.name, names, params, model_config, as_text=as_text)
    udf = plugins.load("pyspark.sql.functions:pandas_udf")(predicted, kind)

    @functools.wraps(udf)  # with what Spark needs to register it for SQL
    def of_columns(*columns: Any) -> Any:
        if columns or names is None:
            return udf(*columns)
        return udf(*names)

    return of_columns


def _names(model: PyFuncModel) -> list[str] | None:
    schema = model.metadata.get_input_schema()
    if schema is None or not schema.has_input_names():
        return None
    return [str(name) for name in schema.input_names()]


def _result_of(model: PyFuncModel) -> str:
    schema = model.metadata.get_output_schema()
    if schema is None or len(schema) != 1:
        return "double"
    spec = schema.inputs[0]
    if isinstance(spec, TensorSpec):
        return (
            _SPARK_TENSORS.get(spec.type.kind, "double")
            if len(spec.shape) == 1
            else "array<double>"
        )
    return (
        _SPARK.get(str(spec.type), str(spec.type)) if isinstance(spec.type, DataType) else "double"
    )


def _on_workers(
    name: str,
    names: list[str] | None,
    params: dict[str, Any] | None,
    config: dict[str, Any] | None,
    *,
    as_text: bool,
) -> Any:
    """What Spark calls in its workers: parts of the columns in, parts of the predictions out."""

    def predicted(parts: Iterator[Any]) -> Iterator[Any]:
        folder = plugins.load("pyspark:SparkFiles").get(name)
        predictor = Predictor(name, params=params)
        predictor.use(_model_at(folder, config))
        for part in parts:
            found = _predicted(predictor, _frame_of(part, names))
            yield found.astype(str) if as_text else found

    # Spark learns from the hints that it hands over parts, each of several columns.
    column = plugins.load("pandas:Series")
    predicted.__annotations__ = {
        "parts": Iterator[tuple[column, ...]],  # type: ignore[valid-type]
        "return": Iterator[column],  # type: ignore[valid-type]
    }
    return predicted


def _model_at(folder: str, config: dict[str, Any] | None) -> PyFuncModel:
    """The model that Spark brought here. It was trusted, or refused, where it was sent from."""
    key = (folder, repr(config))
    if key not in _loaded:
        _loaded[key] = load_model(folder, model_config=config, allow_code=True)
    return _loaded[key]


def _frame_of(part: Any, names: list[str] | None) -> Any:
    """The columns that came as a table: a struct is one already."""
    pandas = plugins.load("pandas")
    if not isinstance(part, tuple):  # Spark hands over a single column as it is
        part = (part,)
    if len(part) == 1 and isinstance(part[0], pandas.DataFrame):
        return part[0]
    if names is None:
        return pandas.concat(part, axis=1, keys=range(len(part)))
    if len(part) != len(names):
        raise InvalidValueError(
            f"The model takes the {len(names)} columns {', '.join(names)}; {len(part)} came."
        )
    return pandas.concat(part, axis=1, keys=names)


def _predicted(predictor: Predictor, frame: Any) -> Any:
    """Predictions as Spark takes them: a column, or a table for a struct."""
    found = predictor.columns(frame)
    return found[0] if list(found.columns) == [0] else found


def duckdb_function(
    connection: Any, name: str, model_uri: str, *, allow_code: bool | None = None
) -> None:
    """Make the model a function of DuckDB: ``SELECT name(a, b) FROM ...``, the columns in the signature's order.

    Whole vectors are predicted at once. Raises `InvalidValueError` for a model whose signature does not name
    columns of plain types and one plain result.
    """
    predictor = Predictor(model_uri, allow_code=allow_code)
    description = predictor.model.metadata
    names, types = _plain_columns(description.get_input_schema())
    _, results = _plain_columns(description.get_output_schema(), named=False)
    if len(results) != 1:
        raise InvalidValueError(
            f"The model at '{model_uri}' gives {len(results)} columns, not one."
        )
    arrow = plugins.load("pyarrow")

    def predicted(*columns: Any) -> Any:
        frame = arrow.table(list(columns), names=names).to_pandas()
        return arrow.array(predictor.columns(frame).iloc[:, 0].tolist())

    # DuckDB counts the parameters by the signature.
    given = [
        inspect.Parameter(f"column{at}", inspect.Parameter.POSITIONAL_ONLY)
        for at in range(len(names))
    ]
    predicted.__signature__ = inspect.Signature(given)  # type: ignore[attr-defined]
    connection.create_function(name, predicted, types, results[0], type="arrow")


def _plain_columns(schema: Schema | None, *, named: bool = True) -> tuple[list[str], list[str]]:
    """The names of columns, and their types as DuckDB calls them."""
    specs = [] if schema is None else list(schema)
    if named and (schema is None or not schema.has_input_names()):
        raise InvalidValueError("A function of SQL needs a signature with named columns.")
    types = [_duckdb_type(one) for one in specs]
    return [str(name) for name in schema.input_names()] if schema and named else [], types


def _duckdb_type(spec: Any) -> str:
    kind = spec.type
    if isinstance(kind, DataType):
        return _DUCKDB[kind.name]
    if isinstance(spec, TensorSpec) and len(spec.shape) == 1:
        return _TENSORS[kind.kind]
    raise InvalidValueError(f"A function of SQL has plain columns; the signature has {spec}.")


_TENSORS = {
    "f": "DOUBLE",
    "i": "BIGINT",
    "u": "BIGINT",
    "b": "BOOLEAN",
    "U": "VARCHAR",
    "O": "VARCHAR",
}
"""Of an array of one value a row, by NumPy's kinds."""
