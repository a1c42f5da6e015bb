"""Models made to do harm: none of them runs anything when it is loaded, unless that was allowed."""

import io
import json
import os
import pickle
import py_compile
import zipfile
from collections.abc import Callable
from pathlib import Path

import cloudpickle
import pytest
import yaml

import headrace
import headrace.pyfunc
import headrace.sklearn
from headrace.errors import CorruptDataError, HeadraceError, InvalidValueError
from headrace.models import CodeRefusedError, archives, manifest
from headrace.models.loading import find


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def mark(tmp_path: Path) -> Path:
    """The file that harm would make."""
    return tmp_path / "harmed"


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    path = tmp_path / "model"
    path.mkdir()
    return path


class Harm:
    """Makes a file when it is unpickled."""

    def __init__(self, mark: Path) -> None:
        self.mark = mark

    def __reduce__(self) -> tuple[object, ...]:
        return os.mkdir, (str(self.mark),)


def describe(folder: Path, **flavors: object) -> None:
    (folder / "MLmodel").write_text(yaml.safe_dump({"flavors": flavors}))


def pickled_sklearn(folder: Path, mark: Path) -> None:
    (folder / "model.pkl").write_bytes(pickle.dumps(Harm(mark)))
    own = {"pickled_model": "model.pkl", "serialization_format": "pickle"}
    describe(folder, sklearn=own, python_function={"loader_module": "mlflow.sklearn"})


def pickled_sklearn_of_old(folder: Path, mark: Path) -> None:
    """Without a word on the format, as files of old are."""
    (folder / "model.pkl").write_bytes(pickle.dumps(Harm(mark)))
    describe(folder, sklearn={}, python_function={"loader_module": "mlflow.sklearn"})


def pickled_custom(folder: Path, mark: Path) -> None:
    (folder / "python_model.pkl").write_bytes(cloudpickle.dumps(Harm(mark)))
    own = {"loader_module": "mlflow.pyfunc.model", "python_model": "python_model.pkl"}
    describe(folder, python_function=own)


def program(folder: Path, mark: Path) -> None:
    (folder / "p.py").write_text(f"import os\nos.mkdir({str(mark)!r})\n")
    own = {"loader_module": "mlflow.pyfunc.model", "model_code_path": "p.py"}
    describe(folder, python_function=own)


def loader_in_code(folder: Path, mark: Path) -> None:
    (folder / "code").mkdir()
    (folder / "code" / "harm.py").write_text(f"import os\nos.mkdir({str(mark)!r})\n")
    describe(folder, python_function={"loader_module": "harm", "code": "code"})


def module_of_the_system(folder: Path, mark: Path) -> None:
    describe(folder, python_function={"loader_module": "antigravity", "data": "."})


def code_beside_a_safe_format(folder: Path, mark: Path) -> None:
    from sklearn.linear_model import LinearRegression
    from skops.io import dump

    dump(LinearRegression(), folder / "model.skops")
    (folder / "code").mkdir()
    (folder / "code" / "scipy.py").write_text(f"import os\nos.mkdir({str(mark)!r})\n")
    own = {"pickled_model": "model.skops", "serialization_format": "skops", "code": "code"}
    describe(
        folder, sklearn=own, python_function={"loader_module": "mlflow.sklearn", "code": "code"}
    )


def skops_that_trusts_itself(folder: Path, mark: Path) -> None:
    """A function of the operating system as a "type", which the model itself says to trust."""
    schema = {
        "__class__": "mkdir", "__module__": "posix", "__loader__": "FunctionNode", "content": {},
        "__id__": 1, "protocol": 2, "_skops_version": "0.16.0",
    }  # fmt: skip
    with zipfile.ZipFile(folder / "model.skops", "w") as archive:
        archive.writestr("schema.json", json.dumps(schema))
    own = {
        "pickled_model": "model.skops",
        "serialization_format": "skops",
        "skops_trusted_types": ["posix.mkdir"],
    }
    describe(folder, sklearn=own, python_function={"loader_module": "mlflow.sklearn"})


RUN_CODE = [
    pickled_sklearn,
    pickled_sklearn_of_old,
    pickled_custom,
    program,
    loader_in_code,
    module_of_the_system,
    code_beside_a_safe_format,
    skops_that_trusts_itself,
]
Make = Callable[[Path, Path], None]


@pytest.mark.parametrize("make", RUN_CODE, ids=lambda make: make.__name__)
def test_what_would_run_code_is_refused(make: Make, folder: Path, mark: Path) -> None:
    make(folder, mark)
    with pytest.raises(CodeRefusedError, match="allow_code=True"):
        headrace.pyfunc.load_model(folder)
    assert not mark.exists()


@pytest.mark.parametrize("make", RUN_CODE, ids=lambda make: make.__name__)
def test_a_manifest_of_a_stranger_is_no_permission(
    make: Make, folder: Path, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(folder, mark)
    with monkeypatch.context() as elsewhere:
        elsewhere.setenv("XDG_STATE_HOME", str(folder.parent / "of a stranger"))
        manifest.write(folder)
    with pytest.raises(CodeRefusedError, match="neither from the store in use nor saved"):
        headrace.pyfunc.load_model(folder)
    assert not mark.exists()


@pytest.mark.parametrize("make", [pickled_sklearn, pickled_custom, program, loader_in_code])
def test_with_permission_it_is_loaded(make: Make, folder: Path, mark: Path) -> None:
    make(folder, mark)
    with pytest.raises((HeadraceError, AttributeError)):  # for it is no model
        headrace.pyfunc.load_model(folder, allow_code=True).predict([1])
    assert mark.exists()


@pytest.mark.parametrize("make", [pickled_custom, program])
def test_switched_off_nobody_may_allow_it(
    make: Make, folder: Path, mark: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    make(folder, mark)
    manifest.write(folder)
    monkeypatch.setenv("MLFLOW_ALLOW_MODEL_CODE_EXECUTION", "false")
    with pytest.raises(CodeRefusedError, match="switched off"):
        headrace.pyfunc.load_model(folder, allow_code=True)
    assert not mark.exists()


@pytest.mark.parametrize("name", ["model.skops", "python_model.pkl", "code/helper.py"])
def test_a_lying_manifest_is_found_out(name: str, folder: Path, mark: Path) -> None:
    """A file was put in place of one that the owner saved; the seal is still the owner's."""
    pickled_custom(folder, mark)
    (folder / "code").mkdir()
    (folder / "code" / "helper.py").write_text("")
    (folder / "model.skops").write_text("")
    manifest.write(folder)
    (folder / name).write_bytes(pickle.dumps(Harm(mark)))
    with pytest.raises(CorruptDataError, match=name):
        headrace.pyfunc.load_model(folder)
    assert not mark.exists()


def test_a_rewritten_manifest_has_no_seal(folder: Path, mark: Path) -> None:
    pickled_custom(folder, mark)
    manifest.write(folder)
    path = folder / manifest.NAME
    seal, _, body = path.read_text().partition("\n")
    path.write_text(f"{seal}\n# changed\n{body}")
    with pytest.raises(CodeRefusedError):
        headrace.pyfunc.load_model(folder)
    assert not mark.exists()


def test_compiled_files_are_not_run(folder: Path, mark: Path) -> None:
    """A compiled file beside the source, with its time and size, would be taken by the import system."""
    code = folder / "code"
    code.mkdir()
    source = code / "shared_helper_x.py"
    source.write_text(f"import os; os.mkdir({str(mark)!r})\n")
    py_compile.compile(str(source))
    status = source.stat()
    harmless = "def _load_pyfunc(path): return None\n"
    source.write_text(harmless.ljust(status.st_size, "#"))
    os.utime(source, ns=(status.st_atime_ns, status.st_mtime_ns))
    describe(folder, python_function={"loader_module": "shared_helper_x", "code": "code"})
    manifest.write(folder)
    headrace.pyfunc.load_model(folder)
    assert not mark.exists()


ESCAPES = ["../outside", "/etc/hostname", "link"]


@pytest.mark.parametrize("name", ESCAPES)
@pytest.mark.parametrize("flavor", ["sklearn", "custom"])
def test_paths_do_not_leave_the_model(name: str, flavor: str, folder: Path) -> None:
    (folder.parent / "outside").write_bytes(b"")
    (folder / "link").symlink_to(folder.parent / "outside")
    described = {
        "sklearn": {"sklearn": {"pickled_model": name, "serialization_format": "skops"},
                    "python_function": {"loader_module": "mlflow.sklearn"}},
        "custom": {"python_function": {"loader_module": "mlflow.pyfunc.model", "python_model": name}},
    }  # fmt: skip
    describe(folder, **described[flavor])
    with pytest.raises(InvalidValueError, match="outside of it"):
        headrace.pyfunc.load_model(folder, allow_code=True)


@pytest.mark.parametrize("name", ESCAPES)
def test_examples_do_not_leave_the_model(name: str, folder: Path) -> None:
    (folder.parent / "outside").write_bytes(b"1")
    (folder / "link").symlink_to(folder.parent / "outside")
    text = {
        "flavors": {},
        "saved_input_example_info": {"artifact_path": name, "type": "json_object"},
    }
    (folder / "MLmodel").write_text(yaml.safe_dump(text))
    with pytest.raises(InvalidValueError, match="outside of it"):
        find(folder).model.load_input_example(folder)


def test_a_description_is_no_link(folder: Path, tmp_path: Path) -> None:
    (tmp_path / "other").write_text("flavors: {}")
    (folder / "MLmodel").symlink_to(tmp_path / "other")
    with pytest.raises(InvalidValueError, match="link"):
        find(folder)


def hostile_skops(folder: Path, schema: bytes, **files: bytes) -> None:
    with zipfile.ZipFile(folder / "model.skops", "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("schema.json", schema)
        for name, data in files.items():
            archive.writestr(name, data)
    own = {"pickled_model": "model.skops", "serialization_format": "skops"}
    describe(folder, sklearn=own, python_function={"loader_module": "mlflow.sklearn"})


def test_a_type_that_skops_does_not_know_is_refused(folder: Path, mark: Path) -> None:
    schema = {
        "__class__": "mkdir", "__module__": "posix", "__loader__": "FunctionNode", "content": {},
        "__id__": 1, "protocol": 2, "_skops_version": "0.16.0",
    }  # fmt: skip
    hostile_skops(folder, json.dumps(schema).encode())
    with pytest.raises(InvalidValueError, match=r"posix\.mkdir"):
        headrace.pyfunc.load_model(folder)
    assert not mark.exists()


def test_an_archive_that_grows_without_bound_is_refused(
    folder: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(archives, "MUCH_BYTES", 1 << 20)
    hostile_skops(folder, b"{}", **{"1.npy": b"0" * (8 << 20)})
    with pytest.raises(InvalidValueError, match="would grow to"):
        headrace.pyfunc.load_model(folder)


@pytest.mark.parametrize(
    "data", [b"", b"no archive", pickle.dumps({"a": 1})], ids=["empty", "text", "pickle"]
)
def test_an_archive_that_is_none_is_refused(data: bytes, folder: Path) -> None:
    (folder / "model.skops").write_bytes(data)
    own = {"pickled_model": "model.skops", "serialization_format": "skops"}
    describe(folder, sklearn=own, python_function={"loader_module": "mlflow.sklearn"})
    with pytest.raises(InvalidValueError, match=r"model\.skops"):
        headrace.pyfunc.load_model(folder)


def test_an_array_in_an_archive_cannot_be_a_pickle(folder: Path, mark: Path) -> None:
    import numpy as np

    file = io.BytesIO()
    np.save(file, np.array([Harm(mark)], dtype=object), allow_pickle=True)
    schema = {
        "__class__": "ndarray", "__module__": "numpy", "__loader__": "NdArrayNode", "type": "numpy",
        "file": "1.npy", "__id__": 1, "protocol": 2, "_skops_version": "0.16.0",
    }  # fmt: skip
    hostile_skops(folder, json.dumps(schema).encode(), **{"1.npy": file.getvalue()})
    with pytest.raises(InvalidValueError, match=r"model\.skops"):
        headrace.pyfunc.load_model(folder)
    assert not mark.exists()


def test_looking_at_a_model_runs_nothing(folder: Path, mark: Path) -> None:
    for make in (pickled_sklearn, pickled_custom, program):
        make(folder, mark)
        headrace.models.get_model_info(str(folder))
        assert not mark.exists()
