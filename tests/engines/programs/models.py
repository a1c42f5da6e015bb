"""A model of scikit-learn and a custom one, saved in the working directory, and their predictions."""

import sys

import cloudpickle
import numpy as np
import pandas as pd
from sklearn.linear_model import LogisticRegression

import headrace.pyfunc
import headrace.sklearn

cloudpickle.register_pickle_by_value(sys.modules[__name__])
FRAME = pd.DataFrame(np.random.default_rng(2).normal(size=(1000, 3)), columns=list("abc"))


def _spread(model_input):
    return pd.DataFrame({"low": model_input.min(axis=1), "high": model_input.max(axis=1)})


def saved():
    """The models' folders and predictions, by name."""
    classes = LogisticRegression().fit(FRAME, FRAME["a"] > FRAME["b"])
    headrace.sklearn.save_model(classes, "classes", input_example=FRAME.head(3))
    signature = headrace.models.infer_signature(FRAME, _spread(FRAME))
    headrace.pyfunc.save_model("spread", python_model=_spread, signature=signature)
    found = {
        name: headrace.pyfunc.load_model(name).predict(FRAME) for name in ("classes", "spread")
    }
    assert len(found["classes"]) == len(found["spread"]) == 1000
    return found
