"""The file MLmodel, the manifest beside it, and what else describes a model."""

from pathlib import Path

import pytest
import yaml

import headrace.pyfunc
from cli_calls import call
from headrace.errors import CorruptDataError, InvalidValueError, NotFoundError
from headrace.models import Model, infer_signature, loading, manifest, requirements
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


def test_a_pickle_says_what_it_needs_without_being_loaded() -> None:
    import cloudpickle

    def function(x: object) -> object:
        import yaml

        return yaml.safe_load(str(x))

    assert {"msgspec"} <= requirements.of_pickle(cloudpickle.dumps(__import__("msgspec").Struct))
    assert "yaml" in requirements.of_pickle(cloudpickle.dumps(function))


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
