"""Environments with the real ``mlflow`` package."""

from pathlib import Path

import environments

VERSIONS = ("3.17.2", "3.18.0")
OLD = "2.9.2"
"""A version whose folders and databases people still have; its schema has no logged models."""
_DRIVERS = ("psycopg[binary]", "psycopg2-binary", "pymysql")
_BASE = ("mlflow==3.17.2", "scikit-learn", "pandas", "matplotlib", "pillow", "pytest", *_DRIVERS)


def python(version: str) -> Path:
    """The interpreter of an environment with this version of mlflow, and what its flows use."""
    if version == OLD:
        # It uses pkg_resources, and what SQLAlchemy has since dropped.
        return environments.environment(
            f"mlflow-{OLD}", (f"mlflow=={OLD}", "setuptools<80", "sqlalchemy<2.1", *_DRIVERS)
        )
    if version == "3.17.2":
        return environments.environment("mlflow-3.17.2", _BASE)
    # The two packages that 3.18.0 pins are not on the index; its own wheel holds all of their modules.
    return environments.environment(f"mlflow-{version}", _BASE, ("--no-deps", f"mlflow=={version}"))
