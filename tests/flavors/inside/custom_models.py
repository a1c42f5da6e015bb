"""Custom models of either, loaded by the other."""

import subprocess
import sys
from pathlib import Path

import cloudpickle
import mlflow
import numpy as np
import pandas as pd
import pytest
import yaml

import headrace

# As if they were defined in the program itself.
cloudpickle.register_pickle_by_value(sys.modules[__name__])
FRAME = pd.DataFrame({"a": [1.0, 2.0], "b": [3, 4]})


class Ours(headrace.pyfunc.PythonModel):
    def load_context(self, context):
        self.factor = int(Path(context.artifacts["factor"]).read_text())

    def predict(self, context, model_input, params=None):
        return model_input["a"] * self.factor + (params or {}).get("shift", 0)


class Theirs(mlflow.pyfunc.PythonModel):
    def load_context(self, context):
        self.factor = int(Path(context.artifacts["factor"]).read_text())

    def predict(self, context, model_input, params=None):
        return model_input["a"] * self.factor + (params or {}).get("shift", 0)


@pytest.fixture
def factor(tmp_path):
    path = tmp_path / "factor.txt"
    path.write_text("3")
    return str(path)


@pytest.mark.parametrize(
    ("save", "load", "model"),
    [
        (headrace.pyfunc, mlflow.pyfunc, Ours),
        (headrace.pyfunc, headrace.pyfunc, Ours),
        (mlflow.pyfunc, headrace.pyfunc, Theirs),
    ],
)
def test_a_class_with_files_and_params(save, load, model, folder, factor):
    signature = (headrace if save is headrace.pyfunc else mlflow).models.infer_signature(
        FRAME, FRAME["a"], {"shift": 10.0}
    )
    save.save_model(
        str(folder),
        python_model=model(),
        artifacts={"factor": factor},
        signature=signature,
        input_example=FRAME,
    )
    loaded = load.load_model(str(folder), **allowed(load))
    assert list(loaded.predict(FRAME)) == [13.0, 16.0]
    assert list(loaded.predict(FRAME, params={"shift": 1.0})) == [4.0, 7.0]
    assert type(loaded.unwrap_python_model()).__name__ == model.__name__


@pytest.mark.parametrize(
    ("save", "load"), [(headrace.pyfunc, mlflow.pyfunc), (mlflow.pyfunc, headrace.pyfunc)]
)
def test_a_function(save, load, folder):
    save.save_model(
        str(folder), python_model=lambda model_input: model_input * 2, input_example=np.arange(3)
    )
    assert list(load.load_model(str(folder), **allowed(load)).predict(np.arange(3))) == [0, 2, 4]


PROGRAM = """
import {package}

class Doubling({package}.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input * 2

{package}.models.set_model(Doubling())
"""


@pytest.mark.parametrize(
    ("save", "load", "package"),
    [
        (headrace.pyfunc, mlflow.pyfunc, "mlflow"),
        (mlflow.pyfunc, headrace.pyfunc, "mlflow"),
        (headrace.pyfunc, headrace.pyfunc, "headrace"),
    ],
)
def test_a_program(save, load, package, folder, tmp_path):
    program = tmp_path / "program.py"
    program.write_text(PROGRAM.format(package=package))
    save.save_model(str(folder), python_model=str(program))
    assert list(load.load_model(str(folder), **allowed(load)).predict(np.arange(3))) == [0, 2, 4]


@pytest.mark.parametrize(
    ("save", "load"), [(headrace.pyfunc, mlflow.pyfunc), (mlflow.pyfunc, headrace.pyfunc)]
)
def test_files_with_a_loader_and_code(save, load, folder, tmp_path):
    name = f"loader_of_{save.__name__.partition('.')[0]}"
    code = tmp_path / f"{name}.py"
    code.write_text(
        "class Model:\n"
        "    def __init__(self, path): self.shift = int(open(path).read())\n"
        "    def predict(self, data): return data + self.shift\n"
        "def _load_pyfunc(path): return Model(path)\n"
    )
    (tmp_path / "shift.txt").write_text("5")
    save.save_model(
        str(folder),
        loader_module=name,
        data_path=str(tmp_path / "shift.txt"),
        code_paths=[str(code)],
    )
    assert list(load.load_model(str(folder), **allowed(load)).predict(np.arange(2))) == [5, 6]


def test_what_mlflow_wrote_is_read_and_written_again_without_loss(folder):
    mlflow.pyfunc.save_model(
        str(folder),
        python_model=lambda model_input: model_input,
        input_example=FRAME,
        metadata={"k": [1]},
    )
    text = (folder / "MLmodel").read_text()
    assert yaml.safe_load(headrace.models.Model.load(folder).to_yaml()) == yaml.safe_load(text)


def test_a_model_loads_where_only_mlflow_is(folder):
    headrace.pyfunc.save_model(folder, python_model=Plain())
    script = f"""
import sys
from pathlib import Path
sys.modules["headrace"] = None
import mlflow, numpy
print(mlflow.pyfunc.load_model({str(folder)!r}).predict(numpy.arange(2)).tolist())
"""
    assert inside(script) == "[1, 2]"


class Adding(mlflow.pyfunc.PythonModel):
    def predict(self, context, model_input, params=None):
        return model_input + 1


@pytest.mark.parametrize("model", [lambda model_input: model_input + 1, Adding()])
def test_a_model_of_mlflow_loads_where_only_headrace_is(model, folder):
    mlflow.pyfunc.save_model(str(folder), python_model=model, pip_requirements=[])
    script = f"""
import sys
from pathlib import Path
class Hidden:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] == "mlflow":
            raise ModuleNotFoundError("No module named 'mlflow'", name="mlflow")
sys.meta_path.insert(0, Hidden())
import headrace, numpy
model = headrace.pyfunc.load_model({str(folder)!r}, allow_code=True)
print(model.predict(numpy.arange(2)).tolist())
"""
    assert inside(script) == "[1, 2]"


class Plain(headrace.pyfunc.PythonModel):
    def predict(self, context, model_input):
        return model_input + 1


def inside(script: str) -> str:
    done = subprocess.run(
        [sys.executable, "-c", script], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return done.stdout.strip().splitlines()[-1]


def allowed(load) -> dict:
    """Models of mlflow are nobody's that Headrace knows."""
    return {"allow_code": True} if load is headrace.pyfunc else {}
