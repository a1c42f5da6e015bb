"""Models of PyTorch and in ONNX, saved by either, loaded by the other."""

import sys

import cloudpickle
import mlflow
import numpy as np
import pandas as pd
import pytest
import torch
from onnx import TensorProto, helper

import headrace
import headrace.onnx
import headrace.pytorch

# As if they were defined in the program itself.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
ROWS = np.random.default_rng(0).normal(size=(5, 4)).astype("float32")


class Net(torch.nn.Module):
    """Tied weights, a buffer that is not saved, a tensor that is nothing but an attribute, dropout."""

    def __init__(self):
        super().__init__()
        self.first, self.second = torch.nn.Linear(4, 4), torch.nn.Linear(4, 4)
        self.second.weight = self.first.weight
        self.norm = torch.nn.BatchNorm1d(4)
        self.register_buffer("scale", torch.tensor(2.0), persistent=False)
        self.shift = torch.tensor(0.5)
        self.drop = torch.nn.Dropout(0.9)

    def forward(self, x):
        return (
            self.norm(self.second(self.drop(torch.relu(self.first(x))))) * self.scale + self.shift
        )


@pytest.fixture
def net():
    torch.manual_seed(0)
    return Net()


def expected(model):
    model.eval()
    with torch.no_grad():
        return model(torch.from_numpy(ROWS)).numpy()


WAYS = [(headrace, mlflow), (mlflow, headrace), (headrace, headrace)]


@pytest.mark.parametrize("form", ["pickle", "pt2"])
@pytest.mark.parametrize(("save", "load"), WAYS)
def test_both_predict_the_same(save, load, form, net, folder):
    net.eval()  # mlflow exports it as it is
    save.pytorch.save_model(net, str(folder), serialization_format=form, input_example=ROWS)
    allowed = {"allow_code": True} if load is headrace else {}
    assert np.allclose(
        load.pyfunc.load_model(str(folder), **allowed).predict(ROWS), expected(net), atol=1e-6
    )
    native = load.pytorch.load_model(str(folder), **allowed)
    with torch.no_grad():
        assert np.allclose(native(torch.from_numpy(ROWS)).numpy(), expected(net), atol=1e-6)


@pytest.mark.parametrize("load", [headrace, mlflow])
def test_the_default_is_read_by_both(load, net, folder):
    headrace.pytorch.save_model(net, folder, input_example=ROWS)
    assert np.allclose(load.pyfunc.load_model(str(folder)).predict(ROWS), expected(net), atol=1e-6)
    assert np.allclose(
        load.pyfunc.load_model(str(folder)).predict(ROWS[:3]), expected(net)[:3], atol=1e-6
    )


def test_the_module_comes_back_whole(net, folder):
    headrace.pytorch.save_model(net, folder)
    again = headrace.pytorch.load_model(folder)
    assert np.allclose(expected(again), expected(net))
    assert again.second.weight is again.first.weight
    assert isinstance(again.first.weight, torch.nn.Parameter)
    assert again.state_dict().keys() == net.state_dict().keys()
    assert torch.optim.SGD(again.parameters(), 0.1)


def test_saving_leaves_the_training_as_it_is(net, folder):
    net.train()
    net.drop.eval()
    before = {name: value.clone() for name, value in net.state_dict().items()}
    headrace.pytorch.save_model(net, folder, input_example=ROWS)
    assert net.training
    assert not net.drop.training
    assert all(torch.equal(before[name], value) for name, value in net.state_dict().items())


def test_the_tensors_alone_are_had_without_code(net, folder, monkeypatch, tmp_path):
    headrace.pytorch.save_model(net, folder)
    monkeypatch.setenv("HOME", str(tmp_path / "of another"))
    with pytest.raises(headrace.models.CodeRefusedError, match="allow_code"):
        headrace.pytorch.load_model(folder)
    found = headrace.pytorch.load_state_dict(folder)
    assert torch.equal(found["first.weight"], net.first.weight)
    headrace.pytorch.save_state_dict(net.state_dict(), tmp_path / "state")
    assert torch.equal(
        headrace.pytorch.load_state_dict(tmp_path / "state")["first.weight"], net.first.weight
    )


def test_the_program_needs_no_class(net, folder):
    headrace.pytorch.save_model(net, folder, input_example=ROWS)
    program = headrace.pytorch.load_model(folder, program=True)
    assert type(program).__name__ != "Net"
    with torch.no_grad():
        assert np.allclose(program(torch.from_numpy(ROWS)).numpy(), expected(net), atol=1e-6)


@pytest.mark.parametrize("load", [headrace, mlflow])
def test_torchscript(load, net, folder):
    net.eval()
    headrace.pytorch.save_model(net, folder, serialization_format="torchscript", input_example=ROWS)
    assert np.allclose(load.pyfunc.load_model(str(folder)).predict(ROWS), expected(net), atol=1e-6)


def test_what_cannot_be_exported_is_saved_all_the_same(folder):
    class Stubborn(torch.nn.Module):
        def forward(self, x):
            return x * 2 if x.sum().item() > 0 else x

    headrace.pytorch.save_model(Stubborn(), folder, input_example=ROWS)
    assert headrace.pyfunc.load_model(folder).predict(ROWS).shape == ROWS.shape


def test_a_table_gives_a_table(folder):
    headrace.pytorch.save_model(torch.nn.Linear(2, 1), folder)
    frame = pd.DataFrame({"a": [1.0, 2.0], "b": [3.0, 4.0]}, index=[7, 8])
    found = headrace.pyfunc.load_model(folder).predict(frame)
    assert list(found.index) == [7, 8]


def onnx_model():
    node = helper.make_node("Mul", ["x", "x"], ["y"])
    shape = ["rows", 4]
    graph = helper.make_graph(
        [node], "g",
        [helper.make_tensor_value_info("x", TensorProto.FLOAT, shape)],
        [helper.make_tensor_value_info("y", TensorProto.FLOAT, shape)],
    )  # fmt: skip
    return helper.make_model(graph, opset_imports=[helper.make_opsetid("", 18)], ir_version=10)


@pytest.mark.parametrize(
    "data", [ROWS, pd.DataFrame(ROWS, columns=list("abcd"))], ids=["array", "table"]
)
@pytest.mark.parametrize(("save", "load"), WAYS)
def test_onnx(save, load, data, folder):
    save.onnx.save_model(onnx_model(), str(folder), input_example=data)
    found = load.pyfunc.load_model(str(folder)).predict(data)
    assert np.allclose(np.asarray(found["y"]).reshape(ROWS.shape), ROWS * ROWS)
    assert load.onnx.load_model(str(folder)).graph == onnx_model().graph


def test_an_onnx_model_cannot_read_other_files(folder, tmp_path):
    secret = tmp_path / "secret"
    secret.write_bytes(b"\0" * 16)
    model = onnx_model()
    weight = TensorProto(name="w", data_type=TensorProto.FLOAT, dims=[4])
    weight.data_location = TensorProto.EXTERNAL
    weight.external_data.add(key="location", value="../secret")
    model.graph.initializer.append(weight)
    model.graph.node[0].input[1] = "w"
    folder.mkdir()
    (folder / "model.onnx").write_bytes(model.SerializeToString())
    text = {"onnx": {"data": "model.onnx"}, "python_function": {"loader_module": "mlflow.onnx"}}
    headrace.models.Model.from_dict({"flavors": text}).save(folder)
    with pytest.raises(ValueError, match=r"model\.onnx"):
        headrace.pyfunc.load_model(folder)
    with pytest.raises(ValueError, match=r"model\.onnx"):
        headrace.onnx.load_model(folder)
