"""The model that every endpoint of the benchmark answers for, made the same everywhere."""

from typing import Any

FEATURES = 20


def fitted() -> Any:
    """A logistic regression on 20 features."""
    from sklearn.datasets import make_classification
    from sklearn.linear_model import LogisticRegression

    x, y = make_classification(2000, FEATURES, random_state=0)
    return LogisticRegression().fit(x, y)
