"""Models of PyTorch: `save_model`, `log_model`, `load_model`, and those of their tensors alone."""

from headrace.flavors.pytorch.model import (
    FLAVOR,
    load_model,
    load_state_dict,
    log_model,
    save_model,
    save_state_dict,
)

__all__ = [
    "FLAVOR",
    "load_model",
    "load_state_dict",
    "log_model",
    "save_model",
    "save_state_dict",
]
