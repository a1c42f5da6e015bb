"""Models in ONNX: `save_model`, `log_model`, `load_model`, and `export` of other libraries' models."""

from headrace.flavors.onnx.exporting import export
from headrace.flavors.onnx.model import FLAVOR, load_model, log_model, save_model

__all__ = ["FLAVOR", "export", "load_model", "log_model", "save_model"]
