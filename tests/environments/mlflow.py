"""Environments with the real ``mlflow`` package."""

from pathlib import Path

import environments

VERSIONS = ("3.17.2", "3.18.0")
_BASE = ("mlflow==3.17.2", "scikit-learn", "pandas", "matplotlib", "pillow", "pytest")


def python(version: str) -> Path:
    """The interpreter of an environment with this version of mlflow, and what its flows use."""
    if version == "3.17.2":
        return environments.environment("mlflow-3.17.2", _BASE)
    # The two packages that 3.18.0 pins are not on the index; its own wheel holds all of their modules.
    return environments.environment(f"mlflow-{version}", _BASE, ("--no-deps", f"mlflow=={version}"))
