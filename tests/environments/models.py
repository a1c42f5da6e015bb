"""An environment with this package, the real ``mlflow`` and the libraries whose models both save."""

from pathlib import Path

import environments

ROOT = Path(__file__).parents[2]
_TORCH = ("torch==2.13.0",)
_LIBRARIES = (
    "mlflow==3.17.2",
    "catboost",
    "cloudpickle",
    "keras",
    "lightgbm",
    "onnx",
    "onnxruntime",
    "onnxscript",
    "optuna",
    "pandas",
    "polars",
    "pytest",
    "safetensors",
    "scikit-learn",
    "skops",
    "statsmodels",
    "xgboost-cpu",
)


def python() -> Path:
    """The interpreter of the environment."""
    ours = ("--editable", str(ROOT))
    return environments.environment("models", _LIBRARIES, ours, by_pip=_TORCH)
