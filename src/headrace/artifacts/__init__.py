"""Files: where they are kept, and what one does with them by their URI.

The functions are those of MLflow's module of this name. They need a client, which is above this package,
so they live there and are loaded when they are asked for.
"""

from importlib import import_module
from typing import Any

_HOME = "headrace.fluent.downloads"
__all__ = ["download_artifacts", "list_artifacts", "load_dict", "load_image", "load_text"]


def __getattr__(name: str) -> Any:
    if name not in __all__:
        raise AttributeError(f"module 'headrace.artifacts' has no attribute '{name}'")
    return getattr(import_module(_HOME), name)
