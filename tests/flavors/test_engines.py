"""Libraries that bring an engine of their own, in an environment of theirs with the real mlflow."""

from flavors.conftest import inside

test_inside = inside("engines/*_models.py")
