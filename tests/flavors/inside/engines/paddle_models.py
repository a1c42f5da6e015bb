"""Models of PaddlePaddle, saved by either, loaded by the other."""

import mlflow
import mlflow.paddle
import numpy as np
import paddle
import pandas as pd
import pytest
from paddle.static import InputSpec

import headrace
import headrace.paddle

ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")
SPEC = [InputSpec([None, 4], "float32")]


def layer():
    paddle.seed(0)
    return paddle.nn.Sequential(paddle.nn.Linear(4, 3), paddle.nn.Linear(3, 2))


@pytest.mark.parametrize(
    ("save", "load"), [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]
)
def test_both_predict_the_same(save, load, folder):
    model = layer()
    save.paddle.save_model(model, str(folder), input_spec=SPEC)
    allowed = {"allow_code": True} if load is headrace else {}
    expected = model(paddle.to_tensor(ROWS)).numpy()
    again = load.paddle.load_model(str(folder), **allowed)
    assert np.allclose(again(paddle.to_tensor(ROWS)).numpy(), expected, atol=1e-6)
    found = load.pyfunc.load_model(str(folder), **allowed).predict(ROWS)
    assert np.allclose(found, expected, atol=1e-6)


def test_a_table_gives_a_table(folder):
    model = layer()
    headrace.paddle.save_model(model, folder, input_spec=SPEC)
    table = pd.DataFrame(ROWS.astype("float64"), index=list("abcde"))
    found = headrace.pyfunc.load_model(folder).predict(table)
    assert list(found.index) == list("abcde")
    assert np.allclose(found, model(paddle.to_tensor(ROWS)).numpy(), atol=1e-6)


def test_a_training_goes_on(folder):
    model = paddle.Model(layer(), inputs=SPEC)
    rate = paddle.optimizer.SGD(0.1, parameters=model.parameters())
    model.prepare(rate, paddle.nn.MSELoss())
    headrace.paddle.save_model(model, folder, training=True)
    other = paddle.Model(layer(), inputs=SPEC)
    other.network[0].weight.set_value(paddle.zeros([4, 3]))
    other.prepare(paddle.optimizer.SGD(0.1, parameters=other.parameters()), paddle.nn.MSELoss())
    again = headrace.paddle.load_model(folder, model=other)
    assert np.array_equal(again.network[0].weight.numpy(), model.network[0].weight.numpy())
    with pytest.raises(LookupError, match="cannot be used as a function"):
        headrace.pyfunc.load_model(folder)


def test_a_program_of_a_stranger_is_not_loaded(folder, monkeypatch, tmp_path):
    headrace.paddle.save_model(layer(), folder, input_spec=SPEC)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="allow_code"):
        headrace.pyfunc.load_model(folder)
    with pytest.raises(ValueError, match="pd_model"):
        headrace.paddle.save_model(3, tmp_path / "other")
