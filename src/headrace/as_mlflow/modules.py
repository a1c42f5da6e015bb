"""Which modules stand in for those of mlflow, and where their names come from."""

from collections.abc import Mapping
from typing import Any, NamedTuple

from headrace.flavors import BUILT_IN
from headrace.wire import limits

NAME = "mlflow"
VERSION = "3.18.0"
"""Of the API that the names are those of."""


class Row(NamedTuple):
    """What a module holds: values of its own, and all names of other modules."""

    homes: tuple[str, ...] = ()
    values: Mapping[str, Any] = {}


_TAGS = {
    "MLFLOW_ARTIFACT_LOCATION": "mlflow.artifactLocation",
    "MLFLOW_AUTOLOGGING": "mlflow.autologging",
    "MLFLOW_DATASET_CONTEXT": "mlflow.data.context",
    "MLFLOW_DOCKER_IMAGE_ID": "mlflow.docker.image.id",
    "MLFLOW_DOCKER_IMAGE_URI": "mlflow.docker.image.uri",
    "MLFLOW_EXPERIMENT_PRIMARY_METRIC_NAME": "mlflow.experiment.primaryMetric.name",
    "MLFLOW_EXPERIMENT_PRIMARY_METRIC_GREATER_IS_BETTER": (
        "mlflow.experiment.primaryMetric.greaterIsBetter"
    ),
    "MLFLOW_EXPERIMENT_SOURCE_ID": "mlflow.experiment.sourceId",
    "MLFLOW_EXPERIMENT_SOURCE_TYPE": "mlflow.experiment.sourceType",
    "MLFLOW_GIT_BRANCH": "mlflow.source.git.branch",
    "MLFLOW_GIT_COMMIT": "mlflow.source.git.commit",
    "MLFLOW_GIT_DIFF": "mlflow.source.git.diff",
    "MLFLOW_GIT_DIRTY": "mlflow.source.git.dirty",
    "MLFLOW_GIT_REPO_URL": "mlflow.source.git.repoURL",
    "MLFLOW_LOGGED_ARTIFACTS": "mlflow.loggedArtifacts",
    "MLFLOW_LOGGED_IMAGES": "mlflow.loggedImages",
    "MLFLOW_LOGGED_MODELS": "mlflow.log-model.history",
    "MLFLOW_MODEL_IS_EXTERNAL": "mlflow.model.isExternal",
    "MLFLOW_PARENT_RUN_ID": "mlflow.parentRunId",
    "MLFLOW_PROJECT_BACKEND": "mlflow.project.backend",
    "MLFLOW_PROJECT_ENTRY_POINT": "mlflow.project.entryPoint",
    "MLFLOW_PROJECT_ENV": "mlflow.project.env",
    "MLFLOW_RUN_NAME": "mlflow.runName",
    "MLFLOW_RUN_NOTE": "mlflow.note.content",
    "MLFLOW_SOURCE_NAME": "mlflow.source.name",
    "MLFLOW_SOURCE_TYPE": "mlflow.source.type",
    "MLFLOW_USER": "mlflow.user",
}
# Libraries cut or drop what is longer than these say, so they say what is kept here.
_LIMITS = {
    "MAX_BATCH_LOG_REQUEST_SIZE": 1_000_000,
    "MAX_ENTITIES_PER_BATCH": limits.MAX_BATCH,
    "MAX_ENTITY_KEY_LENGTH": limits.KEY_LENGTH,
    "MAX_EXPERIMENT_NAME_LENGTH": limits.NAME_LENGTH,
    "MAX_EXPERIMENT_TAG_VAL_LENGTH": limits.EXPERIMENT_TAG_LENGTH,
    "MAX_METRICS_PER_BATCH": limits.MAX_METRICS,
    "MAX_PARAM_VAL_LENGTH": limits.VALUE_BYTES,
    "MAX_PARAMS_TAGS_PER_BATCH": limits.MAX_PARAMS,
    "MAX_TAG_VAL_LENGTH": limits.VALUE_BYTES,
}
_SETTINGS = ("headrace.config",)
_DATA = ("headrace.data",)
_TYPES = ("headrace.types",)

MODULES = {
    NAME: Row(("headrace",), {"__version__": VERSION, "VERSION": VERSION}),
    "mlflow.version": Row(values={"VERSION": VERSION}),
    "mlflow.artifacts": Row(("headrace.artifacts",)),
    "mlflow.client": Row(("headrace.client.tracking",)),
    "mlflow.config": Row(_SETTINGS),
    "mlflow.data": Row(_DATA),
    "mlflow.data.dataset": Row(_DATA),
    "mlflow.data.dataset_source": Row(_DATA),
    "mlflow.data.http_dataset_source": Row(_DATA),
    "mlflow.data.huggingface_dataset": Row(_DATA),
    "mlflow.data.meta_dataset": Row(_DATA),
    "mlflow.data.numpy_dataset": Row(_DATA),
    "mlflow.data.pandas_dataset": Row(_DATA),
    "mlflow.data.polars_dataset": Row(_DATA),
    "mlflow.entities": Row(("headrace.as_mlflow.constants", "headrace.entities")),
    "mlflow.models": Row(("headrace.models",)),
    "mlflow.models.model": Row(("headrace.models",)),
    "mlflow.models.signature": Row(("headrace.as_mlflow.custom_models", "headrace.models")),
    "mlflow.pyfunc": Row(("headrace.pyfunc",)),
    "mlflow.pyfunc.model": Row(("headrace.as_mlflow.custom_models", "headrace.pyfunc")),
    **{f"mlflow.{name}": Row((f"headrace.{name}",)) for name in BUILT_IN},
    "mlflow.types": Row(_TYPES),
    "mlflow.types.schema": Row(_TYPES),
    "mlflow.exceptions": Row(("headrace.as_mlflow.exceptions",)),
    "mlflow.system_metrics": Row(_SETTINGS),
    "mlflow.tracking": Row(("headrace.client.tracking", "headrace.client.connection")),
    "mlflow.tracking.client": Row(("headrace.client.tracking",)),
    "mlflow.tracking.context": Row(),
    "mlflow.tracking.context.registry": Row(("headrace.as_mlflow.context",)),
    "mlflow.tracking.fluent": Row(("headrace",)),
    "mlflow.utils": Row(),
    "mlflow.utils.async_logging": Row(),
    "mlflow.utils.async_logging.run_operations": Row(("headrace.client.background",)),
    "mlflow.utils.mlflow_tags": Row(values=_TAGS),
    "mlflow.utils.validation": Row(("headrace.as_mlflow.validation",), _LIMITS),
}
