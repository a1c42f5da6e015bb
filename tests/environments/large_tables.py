"""An environment with this package and the engines in which its models predict for large tables."""

from pathlib import Path

import environments

ROOT = Path(__file__).parents[2]
_LIBRARIES = (
    "cloudpickle",
    "dask[dataframe]",
    "duckdb",
    "pandas<3",
    "polars",
    "pyarrow",
    "pyspark==4.0.1",
    "pytest",
    "ray[data]",
    "scikit-learn",
    "skops",
    "pyyaml",
)


def python() -> Path:
    """The interpreter of the environment."""
    return environments.environment("large-tables", _LIBRARIES, ("--editable", str(ROOT)))
