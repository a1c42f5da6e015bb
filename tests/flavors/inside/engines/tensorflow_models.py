"""Models of TensorFlow, saved by either, loaded by the other, and a training that is recorded."""

import os

os.environ["TF_CPP_MIN_LOG_LEVEL"] = "3"
os.environ["KERAS_BACKEND"] = "tensorflow"

import mlflow
import mlflow.tensorflow
import numpy as np
import pytest
import tensorflow as tf

import headrace
import headrace.tensorflow
from headrace.autologging import beside

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
WAYS = [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]


class Scale(tf.Module):
    """Not of Keras: a variable and a function of it."""

    def __init__(self):
        super().__init__()
        self.factor = tf.Variable(3.0)

    @tf.function(input_signature=[tf.TensorSpec([None, 4], tf.float32)])
    def __call__(self, x):
        return x * self.factor


def net():
    tf.keras.utils.set_random_seed(0)
    model = tf.keras.Sequential([tf.keras.Input([4]), tf.keras.layers.Dense(2)])
    model.compile("sgd", "mse")
    return model


def allowed(load):
    return {"allow_code": True} if load is headrace else {}


@pytest.mark.parametrize("make", [net, Scale])
@pytest.mark.parametrize(("save", "load"), WAYS)
def test_both_predict_the_same(save, load, make, folder):
    model = make()
    save.tensorflow.save_model(model, str(folder), signature=save.models.infer_signature(ROWS))
    expected = np.asarray(model(ROWS))
    again = load.tensorflow.load_model(str(folder), **allowed(load))
    assert np.allclose(np.asarray(again(ROWS)), expected, atol=1e-6)
    found = load.pyfunc.load_model(str(folder), **allowed(load)).predict(ROWS)
    assert np.allclose(found, expected, atol=1e-6)


def test_a_saved_model_is_served_by_its_signature(folder):
    module = tf.Module()
    module.go = tf.function(
        lambda x: {"double": x * 2}, input_signature=[tf.TensorSpec([None], tf.float32, name="x")]
    )
    headrace.tensorflow.save_model(
        module, folder, saved_model_kwargs={"signatures": {"serving_default": module.go}}
    )
    assert (folder / "tf2model" / "saved_model.pb").is_file(), "as TensorFlow Serving reads it"
    found = headrace.pyfunc.load_model(folder).predict({"x": np.array([1.0, 2.0], "float32")})
    assert found["double"].tolist() == [2, 4]


@pytest.mark.parametrize("make", [net, Scale])
def test_a_program_of_a_stranger_is_not_loaded(make, folder, monkeypatch, tmp_path):
    headrace.tensorflow.save_model(make(), folder)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="allow_code"):
        headrace.pyfunc.load_model(folder)


def fit(*callbacks):
    model = net()
    history = model.fit(ROWS, ROWS[:, :2], epochs=3, verbose=0, callbacks=list(callbacks))
    return model, history


def test_a_training_is_recorded_with_what_tensorboard_wrote(tmp_path):
    plain, _ = fit()
    headrace.tensorflow.autolog()
    model, history = fit(tf.keras.callbacks.TensorBoard(tmp_path / "board"))
    headrace.tensorflow.autolog(disable=True)
    assert all(map(np.array_equal, model.get_weights(), plain.get_weights()))
    beside.flush()
    (run,) = headrace.search_runs(output_format="list")
    client = headrace.MlflowClient()
    losses = client.get_metric_history(run.info.run_id, "loss")
    assert [one.value for one in losses] == history.history["loss"]
    files = {one.path for one in client.list_artifacts(run.info.run_id)}
    assert {"model_summary.txt", "tensorboard_logs"} <= files
    assert len(run.outputs.model_outputs) == 1
