"""Models of H2O: `save_model`, `log_model`, `load_model`."""

from headrace.flavors.h2o import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "load_model", "log_model", "save_model"]
