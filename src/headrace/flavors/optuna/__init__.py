"""Studies of Optuna."""
