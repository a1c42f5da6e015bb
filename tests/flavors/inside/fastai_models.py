"""Learners of fastai come back and predict; mlflow has them no more."""

import numpy as np
import pandas as pd
import pytest
from fastai.tabular.all import Normalize, TabularDataLoaders, tabular_learner

import headrace
import headrace.fastai

RNG = np.random.default_rng(0)
TABLE = pd.DataFrame(RNG.normal(size=(64, 2)), columns=["a", "b"])
TABLE["y"] = TABLE["a"] - TABLE["b"]


@pytest.fixture(scope="module")
def learner():
    loaders = TabularDataLoaders.from_df(
        TABLE, y_names="y", cont_names=["a", "b"], procs=[Normalize], bs=16, device="cpu"
    )
    found = tabular_learner(loaders, layers=[4])
    with found.no_bar(), found.no_logging():
        found.fit(1)
    return found


def test_a_learner_comes_back_and_predicts(learner, folder):
    home = learner.path
    headrace.fastai.save_model(learner, folder, input_example=TABLE.head(3))
    assert learner.path == home
    with learner.no_bar():
        expected, _ = learner.get_preds(dl=learner.dls.test_dl(TABLE.head(5)))
    found = headrace.pyfunc.load_model(folder).predict(TABLE.head(5))
    assert np.allclose(found["predictions"].tolist(), expected)
    again = headrace.fastai.load_model(folder)
    assert [one.shape for one in again.model.parameters()] == [
        one.shape for one in learner.model.parameters()
    ]


def test_a_pickle_of_a_stranger_is_not_loaded(learner, folder, monkeypatch, tmp_path):
    headrace.fastai.save_model(learner, folder)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="pickle"):
        headrace.pyfunc.load_model(folder)
    with pytest.raises(ValueError, match="Learner"):
        headrace.fastai.save_model(object(), tmp_path / "other")
