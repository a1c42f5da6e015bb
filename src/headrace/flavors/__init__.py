"""The libraries whose models are known, by the name of their flavor."""

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import flavor
from headrace.models.flavor import Flavor

BUILT_IN = {
    "catboost": "headrace.flavors.catboost.model:FLAVOR",
    "fastai": "headrace.flavors.fastai:FLAVOR",
    "h2o": "headrace.flavors.h2o.model:FLAVOR",
    "keras": "headrace.flavors.keras.model:FLAVOR",
    "lightgbm": "headrace.flavors.lightgbm.model:FLAVOR",
    "onnx": "headrace.flavors.onnx.model:FLAVOR",
    "paddle": "headrace.flavors.paddle:FLAVOR",
    "pmdarima": "headrace.flavors.pmdarima:FLAVOR",
    "prophet": "headrace.flavors.prophet:FLAVOR",
    "pytorch": "headrace.flavors.pytorch.model:FLAVOR",
    "sentence_transformers": "headrace.flavors.sentence_transformers:FLAVOR",
    "shap": "headrace.flavors.shap:FLAVOR",
    "sklearn": "headrace.flavors.sklearn.model:FLAVOR",
    "spacy": "headrace.flavors.spacy:FLAVOR",
    "spark": "headrace.flavors.spark.model:FLAVOR",
    "statsmodels": "headrace.flavors.statsmodels.model:FLAVOR",
    "tensorflow": "headrace.flavors.keras.tensorflow:FLAVOR",
    "transformers": "headrace.flavors.transformers.model:FLAVOR",
    "xgboost": "headrace.flavors.xgboost.model:FLAVOR",
}


def find(name: str) -> Flavor | None:
    """The flavor of this name, ours or one that another package adds; nothing if none is known."""
    return flavor.known(name, BUILT_IN)


def get(name: str) -> Flavor:
    """The flavor of this name; `InvalidValueError` lists the known ones."""
    found = find(name)
    if found is None:
        known = ", ".join(sorted({*BUILT_IN, *plugins.added(flavor.GROUP)}))
        raise InvalidValueError(f"No flavor '{name}'. Known: {known}.")
    return found
