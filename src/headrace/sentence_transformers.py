"""Models of Sentence Transformers: `save_model`, `log_model`, `load_model`."""

from headrace.flavors.sentence_transformers import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "load_model", "log_model", "save_model"]
