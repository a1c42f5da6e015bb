"""H2O: `autolog` of its estimators and AutoML, and its models: `save_model`, `log_model`, `load_model`."""

from headrace.flavors.h2o.autologging import autolog
from headrace.flavors.h2o.model import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "autolog", "load_model", "log_model", "save_model"]
