"""Trainings of Keras are recorded, and give what they give unrecorded."""

import os

os.environ["KERAS_BACKEND"] = "torch"

import keras
import numpy as np
import pytest

import headrace
import headrace.keras
from headrace.autologging import beside

RNG = np.random.default_rng(0)
X = RNG.normal(size=(40, 4)).astype("float32")
Y = X.sum(axis=1, keepdims=True)


@pytest.fixture(autouse=True)
def off():
    yield
    headrace.keras.autolog(disable=True)


def fit(**options):
    keras.utils.set_random_seed(0)
    layers = [
        keras.Input([4]),
        keras.layers.Dense(3),
        keras.layers.Dropout(0.2),
        keras.layers.Dense(1),
    ]
    model = keras.Sequential(layers)
    model.compile(keras.optimizers.SGD(0.01), "mse", metrics=["mae"])
    given = {"epochs": 4, "batch_size": 8, "validation_split": 0.2, "verbose": 0, **options}
    return model, model.fit(X, Y, **given)


def recorded():
    beside.flush()
    (run,) = headrace.search_runs(output_format="list")
    return run


def points(run, key):
    history = headrace.MlflowClient().get_metric_history(run.info.run_id, key)
    return [(one.step, one.value) for one in history]


def test_a_training_is_recorded_and_not_changed():
    plain, _ = fit()
    headrace.autolog()
    model, history = fit()
    assert all(map(np.array_equal, model.get_weights(), plain.get_weights()))
    run = recorded()
    assert (run.info.status, run.data.tags["mlflow.autologging"]) == ("FINISHED", "keras")
    expected = {
        "epochs": "4",
        "batch_size": "8",
        "validation_split": "0.2",
    }
    assert expected.items() <= run.data.params.items()
    assert run.data.params["optimizer_name"] == model.optimizer.name
    assert float(run.data.params["optimizer_learning_rate"]) == pytest.approx(0.01)
    for name in ("loss", "mae", "val_loss", "val_mae"):
        assert points(run, name) == list(enumerate(history.history[name]))
    files = headrace.MlflowClient().list_artifacts(run.info.run_id)
    assert "model_summary.txt" in {one.path for one in files}
    assert run.inputs.dataset_inputs
    (output,) = run.outputs.model_outputs
    loaded = headrace.pyfunc.load_model(f"models:/{output.model_id}")
    assert np.allclose(loaded.predict(X), model.predict(X, verbose=0), atol=1e-6)
    assert loaded.metadata.signature.inputs is not None


def test_early_stopping_is_told():
    headrace.keras.autolog(log_models=False)
    stop = keras.callbacks.EarlyStopping("val_loss", 100.0, 1, restore_best_weights=True)
    fit(epochs=9, callbacks=[stop])
    run = recorded()
    assert run.data.params["early_stopping_patience"] == "1"
    found = {
        key: run.data.metrics[key] for key in ("stopped_epoch", "restored_epoch", "best_value")
    }
    assert found == {"stopped_epoch": 1, "restored_epoch": 0, "best_value": stop.best}


def test_steps_are_recorded_on_request():
    headrace.keras.autolog(log_every_n_steps=2, log_models=False)
    fit(epochs=2)
    assert [step for step, _ in points(recorded(), "loss")] == [2, 4, 6, 8]


def test_a_list_of_callbacks_that_is_complete_stays_as_it_is():
    headrace.keras.autolog(log_models=False)
    ready = keras.callbacks.CallbackList([], add_history=True)
    keras.utils.set_random_seed(0)
    model = keras.Sequential([keras.Input([4]), keras.layers.Dense(1)])
    model.compile("sgd", "mse")
    ready.set_model(model)
    history = model.fit(X, Y, epochs=2, verbose=0, callbacks=ready)
    assert points(recorded(), "loss") == list(enumerate(history.history["loss"]))


def test_a_training_that_fails_fails_as_it_would():
    headrace.keras.autolog()
    with pytest.raises(ValueError, match="shape"):
        fit(validation_data=(X[:, :2], Y))
    assert recorded().info.status == "FAILED"
