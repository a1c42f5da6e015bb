"""An environment with this package, the real ``mlflow`` and libraries that bring an engine of their own."""

from pathlib import Path

import environments

ROOT = Path(__file__).parents[2]
_LIBRARIES = (
    "mlflow==3.17.2",
    "cloudpickle",
    "h2o",
    "paddlepaddle",
    "pandas",
    "pyspark",
    "pytest",
    "tensorboard",
    "tensorflow-cpu",
)


def python() -> Path:
    """The interpreter of the environment."""
    ours = ("--editable", str(ROOT))
    return environments.environment("engines", _LIBRARIES, ours)
