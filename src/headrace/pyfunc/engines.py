"""Models as functions of SQL engines: Spark and DuckDB."""

from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.models import loading
from headrace.models.schema import DataType
from headrace.pyfunc.functions import load_model
from headrace.pyfunc.loaded import PyFuncModel
from headrace.pyfunc.tables import Predictor

_SPARK = {"integer": "int", "long": "bigint", "datetime": "timestamp"}
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
        raise UnsupportedError("spark_udf predicts in the environment of Spark: env_manager='local'.")
    if not hasattr(type(spark), "sparkContext"):
        raise UnsupportedError("spark_udf needs a session of classic Spark, not of Spark Connect.")
    found = loading.find(model_uri, allow_code=allow_code)
    model = load_model(model_uri, model_config=model_config, allow_code=allow_code)
    if extra_env:
        raise UnsupportedError("spark_udf sets no variables: give them to Spark, as spark.executorEnv.*")
    names = _names(model)
    spark.sparkContext.addFile(str(found.folder), recursive=True)
    predicted = _on_workers(found.folder.name, names, params, model_config)
    kind = result_type or _result_of(model)
    udf = plugins.load("pyspark.sql.functions:pandas_udf")(predicted, kind)

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
    if schema is None or schema.is_tensor_spec() or len(schema) != 1:
        return "double"
    kind = schema.inputs[0].type
    return _SPARK.get(kind.name, kind.name) if isinstance(kind, DataType) else "double"


def _on_workers(
    name: str,
    names: list[str] | None,
    params: dict[str, Any] | None,
    config: dict[str, Any] | None,
) -> Any:
    """What Spark calls in its workers: parts of the columns in, parts of the predictions out."""

    def predicted(parts: Iterator[Any]) -> Iterator[Any]:
        folder = plugins.load("pyspark:SparkFiles").get(name)
        model = _model_at(folder, config)
        for part in parts:
            yield _predicted(model, _frame_of(part, names), params)

    # Spark reads from the hints that it is given parts, and hints of this module are texts.
    pandas = plugins.load("pandas")
    several = tuple[pandas.Series, ...]  # type: ignore[name-defined]
    predicted.__annotations__ = {"parts": Iterator[several], "return": Iterator[pandas.Series]}
    return predicted
