"""In an environment with the libraries: trainings are recorded, and give what they give unrecorded."""

from flavors.conftest import inside

test_inside = inside("*_training.py")
