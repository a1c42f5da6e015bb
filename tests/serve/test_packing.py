"""Environments and images of models: made for real, and the image's steps taken one by one."""

import contextlib
import json
import os
import shlex
import subprocess
import sys
import time
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pytest
from sklearn.linear_model import LinearRegression

import headrace.sklearn
import servers
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.models import loading
from headrace.serve import environments, images

X = np.array([[0.0, 1.0], [1.0, 0.0], [2.0, 5.0], [3.0, 1.0]])
HEADRACE = Path(sys.executable).with_name("headrace")
UV = HEADRACE.with_name("uv")
ROOT = Path(__file__).parents[2]


@pytest.fixture(scope="module")
def model(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("packed") / "model"
    headrace.sklearn.save_model(LinearRegression().fit(X, X[:, 0] * 3), folder, input_example=X)
    return folder


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    subprocess.run([UV, "build", "-q", "--wheel", "-o", folder, str(ROOT)], check=True)
    (found,) = folder.glob("*.whl")
    return found


@pytest.mark.slow
def test_a_model_predicts_in_an_environment_of_its_own(
    model: Path, wheel: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HEADRACE_ENV_ROOT", str(tmp_path / "environments"))
    monkeypatch.setenv("PATH", f"{HEADRACE.parent}:/usr/bin:/bin")
    source = ["--env-manager", "uv", "--install-headrace", f"headrace[models] @ {wheel.as_uri()}"]

    def run(*options: Any, stdin: bytes = b"") -> bytes:
        command = [HEADRACE, "models", *options, "-m", model, *source]
        done = subprocess.run(
            list(map(str, command)), input=stdin, capture_output=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    python = Path(run("prepare-env").decode().strip())
    assert python.is_relative_to(tmp_path / "environments")
    listed = subprocess.run([python, "-c", "import pytest"], capture_output=True, check=False)
    assert listed.returncode == 1  # what the model does not need is not there
    assert run("predict", stdin=b'{"inputs": [[5.0, 1.0]]}').strip().startswith(b'{"predictions":')
    assert Path(run("prepare-env").decode().strip()) == python
    with servers.model_server(tmp_path, "-m", str(model), *source) as server:
        answer = httpx.post(f"{server.url}/invocations", json={"inputs": [[5.0, 1.0]]})
        assert answer.json()["predictions"] == pytest.approx([15.0])


def test_a_manager_that_is_not_here_is_named(
    model: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(UnsupportedError, match="'conda'"):
        environments.prepare(model, "conda", tmp_path / "environments")


def test_an_environment_that_cannot_be_made_is_not_taken_for_one(
    model: Path, tmp_path: Path
) -> None:
    for _ in range(2):
        with pytest.raises(InvalidValueError, match="could not be made"):
            environments.prepare(
                model, "uv", tmp_path / "environments", "headrace @ file:///nowhere/headrace.whl"
            )


def test_an_image_cannot_be_made_of_a_checkout(model: Path, tmp_path: Path) -> None:
    with pytest.raises(InvalidValueError, match="--install-headrace"):
        images.write(loading.find(model), tmp_path / "image", f"headrace @ {ROOT.as_uri()}")


def test_a_folder_with_something_else_is_left_alone(model: Path, tmp_path: Path) -> None:
    (tmp_path / "mine.txt").write_text("mine")
    with pytest.raises(InvalidValueError, match="something that is no image"):
        images.write(loading.find(model), tmp_path, "headrace")
    assert [path.name for path in tmp_path.iterdir()] == ["mine.txt"]


class Image:
    """What an engine would make of a Dockerfile, in a folder that stands for `/opt/ml`."""

    def __init__(self, context: Path, folder: Path) -> None:
        self._context, self._root, self._python = context, folder / "root", folder / "python"
        self._root.mkdir()
        self.command: list[str] = []
        self.environment = {"PATH": f"{self._python / 'bin'}:/usr/bin:/bin", "HOME": str(folder)}
        self._run([UV, "venv", "-q", "--python", sys.executable, self._python])
        for line in (context / "Dockerfile").read_text().splitlines():
            act, _, rest = line.partition(" ")
            step = getattr(self, f"_{act.lower()}", None)
            if step is not None:
                step(rest.replace("/opt/ml", str(self._root)))

    def start(self, port: int) -> "subprocess.Popen[bytes]":
        """The container's command, on another port."""
        program, *words = [word.replace("8080", str(port)) for word in self.command]
        command = [str(self._python / "bin" / program), *words]
        return subprocess.Popen(command, env=self.environment, cwd=self._root)

    def _copy(self, rest: str) -> None:
        *sources, target = rest.split()
        self._run(["cp", "-r", *sources, self._root / target], cwd=self._context)

    def _run(self, given: Any, cwd: Path | None = None) -> None:
        if not isinstance(given, str):
            # Where packages come from is the machine's affair.
            subprocess.run(given, check=True, cwd=cwd, env={**os.environ, **self.environment})
        elif given.startswith("pip install"):
            file = self._root / "requirements.txt"
            file.write_text(file.read_text().replace("/opt/ml", str(self._root)))
            words = shlex.split(given.replace("--no-cache-dir", "-q"))[2:]
            self._run([UV, "pip", "install", "--python", self._python, *words], cwd=self._root)

    def _env(self, rest: str) -> None:
        name, _, value = rest.partition("=")
        self.environment[name] = value

    def _entrypoint(self, rest: str) -> None:
        self.command = shlex.split(json.loads(rest)[-1].removeprefix("exec "))


@pytest.mark.slow
def test_the_steps_of_an_image_end_in_a_server_that_sagemaker_can_ask(
    model: Path, wheel: Path, tmp_path: Path
) -> None:
    options = ["-m", model, "-d", tmp_path / "image", "--install-headrace", wheel]
    subprocess.run([HEADRACE, "models", "generate-dockerfile", *options], check=True)
    image, port = Image(tmp_path / "image", tmp_path), servers.free_port()
    process = image.start(port)
    try:
        url = f"http://127.0.0.1:{port}"
        _until_it_answers(f"{url}/ping")
        answer = httpx.post(f"{url}/invocations", json={"instances": [[5.0, 1.0]]})
        assert answer.json()["predictions"] == pytest.approx([15.0])
    finally:
        process.terminate()
        process.wait(30)


def _until_it_answers(url: str) -> None:
    for _ in range(600):
        with contextlib.suppress(httpx.TransportError):
            assert httpx.get(url).status_code == 200
            return
        time.sleep(0.1)
    raise AssertionError(f"{url} does not answer")
