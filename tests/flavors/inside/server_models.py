"""Models logged to one server by either client, loaded from it by the other."""

import os

import mlflow
import numpy as np
import pytest
from sklearn.datasets import load_iris
from sklearn.linear_model import LogisticRegression

import headrace
import headrace.sklearn

X, Y = load_iris(return_X_y=True, as_frame=True)
MODEL = LogisticRegression(max_iter=500).fit(X, Y)
SPELLINGS = ["models:/{model}", "runs:/{run}/iris"]


@pytest.fixture(autouse=True)
def server(stores):
    """Both talk to the server that the tests' own process has started."""
    headrace.set_tracking_uri(os.environ["MODELS_SERVER"])
    mlflow.set_tracking_uri(os.environ["MODELS_SERVER"])


@pytest.mark.parametrize("spelling", SPELLINGS)
@pytest.mark.parametrize(
    ("save", "load"), [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]
)
def test_a_logged_model_is_loaded_by_the_other(save, load, spelling):
    with save.start_run() as run:
        info = save.sklearn.log_model(MODEL, name="iris", input_example=X.head(3))
    uri = spelling.format(model=info.model_id, run=run.info.run_id)
    assert np.array_equal(load.pyfunc.load_model(uri).predict(X), MODEL.predict(X))
    assert np.array_equal(load.sklearn.load_model(uri).coef_, MODEL.coef_)
    found = load.models.get_model_info(uri)
    assert found.signature.to_dict() == info.signature.to_dict()


@pytest.mark.parametrize(("save", "look"), [(headrace, mlflow), (mlflow, headrace)])
def test_the_run_shows_the_model(save, look):
    with save.start_run() as run:
        save.log_param("c", 1)
        info = save.sklearn.log_model(MODEL, name="iris", params={"d": 2}, step=4)
    (output,) = look.MlflowClient().get_run(run.info.run_id).outputs.model_outputs
    assert (output.model_id, output.step) == (info.model_id, 4)
    model = look.get_logged_model(info.model_id)
    assert (str(model.status), model.source_run_id) == ("READY", run.info.run_id)
    assert model.params == {"c": "1", "d": "2"}


def test_a_pickle_from_the_server_in_use_is_loaded():
    info = mlflow.pyfunc.log_model(
        name="f", python_model=lambda model_input: model_input, pip_requirements=[]
    )
    assert headrace.pyfunc.load_model(info.model_uri).predict(3) == 3
