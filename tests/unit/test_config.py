from pathlib import Path

import pytest

from headrace import config
from headrace.errors import InvalidValueError


def test_without_variables_every_setting_has_its_default() -> None:
    assert config.settings({}) == config.Settings()


def test_the_own_variable_wins_over_the_one_of_mlflow() -> None:
    environ = {"HEADRACE_TRACKING_URI": "ours", "MLFLOW_TRACKING_URI": "theirs"}
    assert config.settings(environ).tracking_uri == "ours"
    assert config.settings({"MLFLOW_TRACKING_URI": "theirs"}).tracking_uri == "theirs"


def test_an_empty_variable_counts_as_unset() -> None:
    environ = {"HEADRACE_TRACKING_URI": "", "MLFLOW_TRACKING_URI": "theirs", "HEADRACE_PORT": ""}
    assert config.settings(environ) == config.Settings(tracking_uri="theirs")


@pytest.mark.parametrize(
    ("variable", "text", "name", "value"),
    [
        ("HEADRACE_PORT", "8080", "port", 8080),
        ("MLFLOW_HTTP_REQUEST_TIMEOUT", "2.5", "http_request_timeout", 2.5),
        ("MLFLOW_SERVE_ARTIFACTS", "false", "serve_artifacts", False),
        ("HEADRACE_ARTIFACTS_ONLY", "True", "artifacts_only", True),
        ("HEADRACE_ALLOWED_HOSTS", "a.example, b.example,", "allowed_hosts", ("a.example", "b.example")),
        ("HEADRACE_EXPERIMENT_ID", "12", "experiment_id", "12"),
    ],
)  # fmt: skip
def test_a_value_is_read_as_its_kind(variable: str, text: str, name: str, value: object) -> None:
    assert getattr(config.settings({variable: text}), name) == value


@pytest.mark.parametrize(
    "environ",
    [
        {"HEADRACE_PORT": "http"},
        {"HEADRACE_PORT": "70000"},
        {"HEADRACE_SERVE_ARTIFACTS": "perhaps"},
        {"HEADRACE_HTTP_REQUEST_TIMEOUT": "0"},
    ],
)
def test_a_value_that_cannot_be_read_is_refused_by_the_name_of_its_variable(environ) -> None:
    with pytest.raises(InvalidValueError, match=next(iter(environ))):
        config.settings(environ)


def test_a_secret_may_lie_in_a_file(tmp_path: Path) -> None:
    file = tmp_path / "token"
    file.write_text("from-the-file\n")
    environ = {"HEADRACE_TRACKING_TOKEN_FILE": str(file), "MLFLOW_TRACKING_TOKEN": "other"}
    assert config.settings(environ).tracking_token == "from-the-file"


def test_a_secret_file_that_is_missing_is_an_error_that_names_the_variable(tmp_path: Path) -> None:
    environ = {"HEADRACE_TRACKING_TOKEN_FILE": str(tmp_path / "none")}
    with pytest.raises(InvalidValueError, match="HEADRACE_TRACKING_TOKEN_FILE"):
        config.settings(environ)


def test_the_run_to_resume_is_taken_once() -> None:
    environ = {"MLFLOW_RUN_ID": "abc", "PATH": "/bin"}
    assert config.take_run_id(environ) == "abc"
    assert environ == {"PATH": "/bin"}
    assert config.take_run_id(environ) is None


def test_the_reference_page_is_what_the_table_says() -> None:
    page = Path(__file__).parents[2] / "docs/reference/settings.md"
    assert page.read_text() == config.reference(), "run `python -m headrace.config`"


@pytest.mark.parametrize("row", config.table(), ids=lambda row: row.name)
def test_every_setting_says_what_it_does_and_is_documented(row: config.Setting) -> None:
    assert row.doc.endswith(".")
    assert f"`{row.variable}`" in config.reference()
