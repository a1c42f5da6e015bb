"""TensorFlow: `autolog`, which is that of Keras, and its models: `save_model`, `log_model`, `load_model`."""

from headrace.flavors.keras.autologging import autolog
from headrace.flavors.keras.tensorflow import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "autolog", "load_model", "log_model", "save_model"]
