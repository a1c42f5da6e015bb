"""Models of Keras 3, saved by either, loaded by the other."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import mlflow
import mlflow.keras
import numpy as np
import pytest

import headrace
import headrace.keras

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


@pytest.fixture
def net():
    keras.utils.set_random_seed(0)
    model = keras.Sequential(
        [
            keras.Input([4]),
            keras.layers.Dense(3, "relu"),
            keras.layers.Dropout(0.5),
            keras.layers.Dense(2),
        ]
    )
    model.compile("sgd", "mse")
    return model


@pytest.mark.parametrize(
    ("save", "load"), [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]
)
def test_both_predict_the_same(save, load, net, folder):
    save.keras.save_model(net, str(folder), signature=save.models.infer_signature(ROWS))
    expected = net.predict(ROWS, verbose=0)
    allowed = {"allow_code": True} if load is headrace else {}
    again = load.keras.load_model(str(folder), **allowed)
    assert np.allclose(again.predict(ROWS, verbose=0), expected, atol=1e-6)
    assert np.allclose(
        load.pyfunc.load_model(str(folder), **allowed).predict(ROWS), expected, atol=1e-6
    )


def test_the_training_goes_on(net, folder):
    net.fit(ROWS, np.zeros((5, 2)), verbose=0)
    headrace.keras.save_model(net, folder, input_example=ROWS)
    again = headrace.keras.load_model(folder)
    assert int(again.optimizer.iterations) == int(net.optimizer.iterations)
    again.fit(ROWS, np.zeros((5, 2)), verbose=0)


def test_a_function_in_a_model_of_a_stranger_is_not_run(folder, monkeypatch, tmp_path):
    harm = keras.layers.Lambda(lambda x: x * 2)
    model = keras.Sequential([keras.Input([4]), harm])
    headrace.keras.save_model(model, folder)
    assert np.allclose(headrace.pyfunc.load_model(folder).predict(ROWS), ROWS * 2)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="allow_code"):
        headrace.pyfunc.load_model(folder)
