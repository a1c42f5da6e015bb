"""Optuna: `autolog`."""

from headrace.flavors.optuna.autologging import autolog

__all__ = ["autolog"]
