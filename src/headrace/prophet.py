"""Models of Prophet: `save_model`, `log_model`, `load_model`."""

from headrace.flavors.prophet import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "load_model", "log_model", "save_model"]
