"""The file MLmodel, the manifest beside it, and what else describes a model."""

import importlib
import platform
import subprocess
import sys
from importlib import metadata
from pathlib import Path

import msgspec
import pytest
import yaml

import headrace.pyfunc
from cli_calls import call
from headrace.errors import CorruptDataError, InvalidValueError, NotFoundError
from headrace.models import Model, infer_signature, loading, lock, manifest, pickles, requirements
from headrace.models.environment import Asked, write


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path / "state"))


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A model that was saved here."""
    path = tmp_path / "model"
    headrace.pyfunc.save_model(path, python_model=lambda x: x, input_example=[1, 2])
    return path


UNKNOWN = """
artifact_path: model
databricks_runtime: 15.4.x
flavors:
  crate: {version: 0.1, model: crate.bin}
  python_function: {env: conda.yaml, loader_module: mlflow.sklearn, python_version: 3.8.1}
new_in_a_later_version: {a: [1, 2]}
run_id: abc
utc_time_created: '2020-01-01 00:00:00.000000'
"""


def test_what_is_not_known_is_kept(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text(UNKNOWN)
    model = Model.load(tmp_path)
    model.save(tmp_path)
    written = yaml.safe_load((tmp_path / "MLmodel").read_text())
    added = {"model_uuid", "model_id", "prompts"}
    assert {k: v for k, v in written.items() if k not in added} == yaml.safe_load(UNKNOWN)


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("!!python/object/apply:os.system ['touch harmed']", "plain YAML"),
        ("flavors: !!python/name:os.system", "plain YAML"),
        ("a: &a [x, x]\nb: &b [*a, *a]\n" + "".join(
            f"c{n}: &c{n} [{', '.join([f'*c{n - 1}' if n else '*b'] * 9)}]\n" for n in range(9)
        ), "more than"),
        ("flavors: &x {a: *x}", "contains itself"),
        ("[1, 2]", "no mapping"),
        ("flavors: [sklearn]", "flavors"),
        ("flavors: {}\nsignature: {inputs: 'nonsense'}", "not JSON"),
        ("a: [" * 100_000, "plain YAML"),
    ],
    ids=["object", "name", "bomb", "cycle", "list", "flavors", "signature", "depth"],
)  # fmt: skip
def test_a_description_is_plain_values(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "MLmodel").write_text(text)
    with pytest.raises(InvalidValueError, match=said) as refused:
        Model.load(tmp_path)
    assert str(tmp_path / "MLmodel") in str(refused.value)


def test_a_field_may_have_any_name(tmp_path: Path) -> None:
    (tmp_path / "MLmodel").write_text("flavors: {}\nself: 1\ncls: 2")
    assert Model.load(tmp_path).extra == {"self": 1, "cls": 2}


def test_a_folder_without_a_description_is_no_model(tmp_path: Path) -> None:
    with pytest.raises(NotFoundError, match="MLmodel"):
        Model.load(tmp_path)


def test_a_saved_model_is_sealed_and_intact(folder: Path) -> None:
    verdict = manifest.check(folder)
    assert verdict.intact
    assert verdict.sealed_here
    named = {line.split("  ")[1] for line in (folder / manifest.NAME).read_text().splitlines()[1:]}
    assert named == set(manifest.files(folder))


def test_another_user_did_not_seal_it(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("XDG_STATE_HOME", str(folder.parent / "of another"))
    assert manifest.check(folder).intact
    assert not manifest.check(folder).sealed_here


def test_a_changed_file_is_refused_by_name(folder: Path) -> None:
    (folder / "python_model.pkl").write_bytes(b"other")
    with pytest.raises(CorruptDataError, match=r"python_model\.pkl"):
        loading.look(folder)


def test_a_changed_description_is_read_and_no_longer_trusted(folder: Path) -> None:
    model = Model.load(folder)
    model.metadata = {"note": "changed"}
    model.save(folder)
    found = loading.look(folder)
    assert found.trust.verdict.changed == ("MLmodel",)
    assert not found.trust.trusted


@pytest.mark.parametrize(
    "line", ["0" * 64 + "  ../outside", "0" * 64 + "  /etc/passwd", "nonsense"]
)
def test_a_manifest_names_files_of_the_model(folder: Path, line: str) -> None:
    (folder / manifest.NAME).write_text(line + "\n")
    with pytest.raises(InvalidValueError):
        manifest.check(folder)


def test_validate_says_what_is_wrong(folder: Path) -> None:
    sound = call("models", "validate", str(folder), "--json").answer
    assert sound["sound"]
    assert any("runs code" in one["text"] for one in sound["findings"])
    (folder / "python_model.pkl").unlink()
    done = call("models", "validate", str(folder))
    assert done.code == 1
    assert "python_model.pkl changed since it was saved" in done.out
    assert "names 'python_model.pkl', which is not there" in done.out


def test_seal_takes_what_is_there_as_the_model(folder: Path) -> None:
    (folder / "README.md").write_text("mine")
    assert manifest.check(folder).added == ("README.md",)
    assert call("models", "seal", str(folder)).code == 0
    assert manifest.check(folder).intact


def test_requirements_are_changed_in_each_file(folder: Path) -> None:
    done = call("models", "update-pip-requirements", "-m", str(folder), "add", "numpy==9", "extra")
    assert done.code == 0, done.err
    assert {"numpy==9", "extra"} <= set((folder / "requirements.txt").read_text().splitlines())
    conda = yaml.safe_load((folder / "conda.yaml").read_text())
    assert {"numpy==9", "extra"} <= set(conda["dependencies"][-1]["pip"])
    assert manifest.check(folder).intact


def test_requirements_are_what_is_referred_to(tmp_path: Path) -> None:
    helper = tmp_path / "helper.py"
    helper.write_text("def f():\n    import yaml, json, os.path\n    from msgspec import Struct\n")
    found = requirements.of_modules(requirements.of_code([helper]))
    assert [line.partition("==")[0] for line in found] == ["headrace", "msgspec", "PyYAML"] or [
        line.partition("==")[0].lower() for line in found
    ] == ["headrace", "msgspec", "pyyaml"]
    assert all("==" in line for line in found)


def test_all_that_is_installed_for_a_model_is_locked(folder: Path) -> None:
    head, *lines = (folder / "requirements.lock").read_text().splitlines()
    assert head == f"# Python {platform.python_version()}, {platform.system()} {platform.machine()}"
    locked = dict(line.split("==") for line in lines)
    assert locked["cloudpickle"] == metadata.version("cloudpickle")
    assert locked["httpcore"] == metadata.version(
        "httpcore"
    )  # which httpx needs, which headrace does
    assert "pytest" not in locked


def test_what_is_not_installed_is_not_locked(tmp_path: Path) -> None:
    for line in ("nothing-of-this-name", "numpy<1", "numpy @ https://example.org/numpy.whl"):
        lock.write(tmp_path, [line])
    assert list(tmp_path.iterdir()) == []


def test_the_lock_of_a_project_is_taken_along(tmp_path: Path) -> None:
    project = tmp_path / "project"
    project.mkdir()
    (project / "pyproject.toml").write_text(
        '[project]\nname = "p"\nversion = "1"\nrequires-python = ">=3.11"\n'
    )
    with pytest.raises(InvalidValueError, match=r"no uv\.lock"):
        headrace.pyfunc.save_model(tmp_path / "m", python_model=len, uv_project_path=project)
    subprocess.run(
        [sys.executable, "-m", "uv", "lock", "--offline", "--project", str(project)], check=True
    )
    headrace.pyfunc.save_model(
        tmp_path / "m",
        python_model=lambda x: x,
        uv_project_path=project,
        extra_pip_requirements=["numpy"],
    )
    assert (tmp_path / "m" / "uv.lock").read_text() == (project / "uv.lock").read_text()
    ours, extra = (tmp_path / "m" / "requirements.txt").read_text().splitlines()
    assert ours.startswith("headrace==")
    assert extra == "numpy"


def test_a_pickle_says_what_it_needs_without_being_loaded(tmp_path: Path) -> None:
    def function(x: object) -> object:
        import yaml

        return yaml.safe_load(str(x)), msgspec

    assert {"yaml", "msgspec"} <= pickles.write(function, tmp_path / "f")
    words = dict.fromkeys(["numpy", "pandas"], msgspec.UNSET)
    for kind in ("pickle", "cloudpickle"):
        found = pickles.write([words, Path], tmp_path / "w", kind)
        assert {name.partition(".")[0] for name in found} == {"msgspec", "pathlib"}


def test_constraints_and_files_of_requirements_are_read(tmp_path: Path) -> None:
    (tmp_path / "limits.txt").write_text("numpy<3\n")
    (tmp_path / "more.txt").write_text(
        "pandas  # for tables\n-c limits.txt\n".replace("limits", str(tmp_path / "limits"))
    )
    asked = Asked(extra_pip_requirements=[f"-r {tmp_path / 'more.txt'}", "polars"])
    lines = write(tmp_path, ["headrace==1", "polars==0"], asked)
    assert lines == ["headrace==1", "pandas", "polars", "-c constraints.txt"]
    assert (tmp_path / "constraints.txt").read_text() == "numpy<3"


def test_all_that_is_said_of_a_model_is_in_its_description(tmp_path: Path) -> None:
    extra = tmp_path / "notes.txt"
    extra.write_text("hello")
    signature = infer_signature([1], params={"p": 1})
    model = headrace.pyfunc.save_model(
        tmp_path / "model",
        python_model=lambda x: x,
        signature=signature,
        metadata={"task": "none"},
        extra_files=[extra],
        input_example=([3], {"p": 2}),
    )
    again = Model.load(tmp_path / "model")
    assert again == model
    assert again.signature == signature
    assert again.load_input_example(tmp_path / "model") == [3]
    assert again.load_input_example_params(tmp_path / "model") == {"p": 2}
    assert again.flavors["python_function"]["extra_files"] == [{"path": "extra_files/notes.txt"}]


PROGRAM = """
from pathlib import Path

import headrace
from headrace.models import ModelConfig

class Adding(headrace.pyfunc.PythonModel):
    def load_context(self, context):
        self.more = int(Path(context.artifacts["more"]).read_text())

    def predict(self, model_input):
        return [value + self.more + config.get("shift") for value in model_input[0]]

config = ModelConfig(development_config={"shift": 0})
headrace.models.set_model(Adding())
"""


def test_a_program_is_a_model(tmp_path: Path) -> None:
    (tmp_path / "adding.py").write_text(PROGRAM)
    (tmp_path / "more.txt").write_text("10")
    model = headrace.pyfunc.save_model(
        tmp_path / "m",
        python_model=tmp_path / "adding.py",
        artifacts={"more": str(tmp_path / "more.txt")},
        model_config={"shift": 100},
        input_example=[1],
    )
    (tmp_path / "more.txt").unlink()
    assert model.signature == infer_signature([1], [111])
    assert headrace.pyfunc.load_model(tmp_path / "m").predict([1]) == [111]
    changed = headrace.pyfunc.load_model(tmp_path / "m", model_config={"shift": 1})
    assert (changed.predict([1]), changed.model_config) == ([12], {"shift": 1})


def test_a_program_that_sets_no_model_is_refused_when_it_is_saved(tmp_path: Path) -> None:
    (tmp_path / "nothing.py").write_text("x = 1\n")
    with pytest.raises(InvalidValueError, match="sets no model"):
        headrace.pyfunc.save_model(tmp_path / "m", python_model=tmp_path / "nothing.py")
    assert not (tmp_path / "m").exists()


def test_code_that_stays_behind_is_named(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    (tmp_path / "shop_of_mine.py").write_text("def price(x):\n    return x\n")
    monkeypatch.syspath_prepend(str(tmp_path))
    shop = importlib.import_module("shop_of_mine")
    headrace.pyfunc.save_model(tmp_path / "m", python_model=shop.price)
    assert "The model uses shop_of_mine, which no installed package has" in caplog.text
    caplog.clear()
    headrace.pyfunc.save_model(
        tmp_path / "n", python_model=shop.price, code_paths=[tmp_path / "shop_of_mine.py"]
    )
    assert not caplog.text


def test_code_of_the_program_is_found_and_taken_along(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    own = tmp_path / "own"
    (own / "taxes_of_mine").mkdir(parents=True)
    (own / "taxes_of_mine" / "__init__.py").write_text("from taxes_of_mine.rates import RATE\n")
    (own / "taxes_of_mine" / "rates.py").write_text("import sqlalchemy\nRATE = 2\n")
    (own / "stall_of_mine.py").write_text(
        "def price(x):\n    from taxes_of_mine import RATE\n    return RATE * x\n"
    )
    (own / "unused_of_mine.py").write_text("")
    with monkeypatch.context() as patch:
        patch.syspath_prepend(str(own))
        stall = importlib.import_module("stall_of_mine")
        headrace.pyfunc.save_model(tmp_path / "m", python_model=stall.price, infer_code_paths=True)
        with pytest.raises(ValueError, match="not both"):
            headrace.pyfunc.save_model(
                tmp_path / "n", python_model=stall.price, infer_code_paths=True, code_paths=[own]
            )
    assert not caplog.text
    taken = {path.name for path in (tmp_path / "m" / "code").iterdir()}
    assert taken == {"stall_of_mine.py", "taxes_of_mine"}
    assert "sqlalchemy" in (tmp_path / "m" / "requirements.txt").read_text().lower()
    monkeypatch.delitem(sys.modules, "stall_of_mine")
    assert headrace.pyfunc.load_model(tmp_path / "m").predict(21) == 42


def test_a_wrong_argument_is_told_as_python_tells_it(tmp_path: Path) -> None:
    with pytest.raises(
        TypeError, match=r"save_model\(\) got an unexpected keyword argument 'nonsense'"
    ):
        headrace.pyfunc.save_model(tmp_path / "m", python_model=len, nonsense=1)


def test_no_signature_where_none_is_wanted(tmp_path: Path) -> None:
    model = headrace.pyfunc.save_model(
        tmp_path / "m", python_model=lambda x: x, input_example=[1], signature=False
    )
    assert model.signature is None
