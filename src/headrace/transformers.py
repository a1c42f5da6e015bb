"""Transformers: `autolog` of its trainers, and its pipelines: `save_model`, `log_model`, `load_model`."""

from headrace.flavors.transformers.autologging import autolog
from headrace.flavors.transformers.model import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "autolog", "load_model", "log_model", "save_model"]
