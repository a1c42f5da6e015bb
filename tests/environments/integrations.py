"""An environment with this package and the libraries that log to mlflow, and without mlflow."""

from pathlib import Path

import environments

ROOT = Path(__file__).parents[2]
_TORCH = ("torch==2.13.0",)
_LIBRARIES = (
    "accelerate==1.15.0",
    "ipykernel",
    "lightning==2.6.6",
    "nbclient",
    "nbconvert",
    "optuna==5.0.0",
    "optuna-integration==5.0.0",
    "pytorch-ignite==0.5.5",
    "transformers==5.24.0",
)


def python() -> Path:
    """The interpreter of the environment."""
    ours = ("--editable", str(ROOT))
    return environments.environment("integrations", _LIBRARIES, ours, by_pip=_TORCH)
