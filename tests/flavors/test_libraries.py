"""In an environment with the libraries and the real mlflow: models go both ways."""

from flavors.conftest import inside

test_inside = inside("*_models.py")
