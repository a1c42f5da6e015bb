"""Pipelines of spaCy: `save_model`, `log_model`, `load_model`."""

from headrace.flavors.spacy import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "load_model", "log_model", "save_model"]
