"""PyTorch: `autolog` of Lightning, `watch` for loops of one's own, and models: `save_model` and so on."""

from headrace.flavors.pytorch.autologging import autolog
from headrace.flavors.pytorch.model import (
    FLAVOR,
    load_model,
    load_state_dict,
    log_model,
    save_model,
    save_state_dict,
)
from headrace.flavors.pytorch.watching import Watch, watch

__all__ = [
    "FLAVOR",
    "Watch",
    "autolog",
    "load_model",
    "load_state_dict",
    "log_model",
    "save_model",
    "save_state_dict",
    "watch",
]
