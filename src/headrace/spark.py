"""Spark ML: `autolog`, and its models: `save_model`, `log_model`, `load_model`."""

from headrace.flavors.spark.autologging import autolog
from headrace.flavors.spark.model import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "autolog", "load_model", "log_model", "save_model"]
