"""Fitted models and pipelines of Spark ML, in the folder that Spark writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside

_FOLDER = "sparkml"


def save(spark_model: Any, folder: Path) -> Saved:
    """Write a fitted model, as a pipeline of one stage where it is none."""
    pyspark = plugins.load("pyspark")
    kind = plugins.load("pyspark.ml:PipelineModel")
    if not isinstance(spark_model, plugins.load("pyspark.ml:Transformer")):
        raise InvalidValueError(
            f"spark_model is a fitted model of Spark ML, not {type(spark_model).__name__}."
        )
    whole = spark_model if isinstance(spark_model, kind) else kind([spark_model])
    whole.write().save((folder / _FOLDER).resolve().as_uri())
    config = {
        "pyspark_version": pyspark.__version__,
        "model_data": _FOLDER,
        "model_class": f"{kind.__module__}.{kind.__qualname__}",
    }
    stages = {type(stage).__module__ for stage in whole.stages}
    return Saved(config, {"data": _FOLDER}, sorted(stages))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The pipeline again, in the session of Spark that there is, or a new one."""
    place = inside(folder, config.get("model_data", _FOLDER))
    _session()
    return plugins.load("pyspark.ml:PipelineModel").load(place.resolve().as_uri())


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """The predictions for the rows of a table of pandas as a list; for one of Spark all columns as a table of it."""
    if params:
        raise InvalidValueError(f"Models of Spark ML take no params; given: {', '.join(params)}.")
    if not hasattr(data, "to_dict"):
        return model.transform(data)
    found = model.transform(_session().createDataFrame(data))
    last = getattr(model, "stages", [model])[-1]
    if not last.hasParam("predictionCol"):
        return found.toPandas()
    return [row[0] for row in found.select(last.getOrDefault("predictionCol")).collect()]


def _session() -> Any:
    return plugins.load("pyspark.sql:SparkSession").builder.getOrCreate()


FLAVOR = Flavor(
    name="spark",
    requires=("pyspark",),
    save=save,
    load=load,
    predict=predict,
    formats={"sparkml": "its metadata names classes that are made while it is loaded"},
    format_of=lambda _: "sparkml",
)
save_model, log_model, load_model = functions.of(FLAVOR)
