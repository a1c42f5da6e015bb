"""Container images that answer for a model: as a folder to build from, and built."""

import shutil
import subprocess
from pathlib import Path

from headrace.artifacts import uris
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.models import environment
from headrace.models.loading import Found
from headrace.serve import environments

_ENGINES = ("docker", "podman", "buildah")
PORT = 8080
"""The one that SageMaker asks."""
_DOCKERFILE = """\
FROM python:{python}-slim
WORKDIR /opt/ml
COPY requirements.txt constraints.txt ./
{copies}RUN pip install --no-cache-dir -r requirements.txt -c constraints.txt
COPY model model
RUN useradd --create-home headrace
USER headrace
ENV HEADRACE_ALLOW_MODEL_CODE=true
EXPOSE {port}
# What SageMaker says after the command, `serve`, is left out.
ENTRYPOINT ["sh", "-c", "exec headrace models serve -m /opt/ml/model -h 0.0.0.0 -p {port}"]
"""


def write(found: Found, folder: Path, headrace: str | None = None) -> Path:
    """Write what an image of a model is built from into a folder; the answer is its Dockerfile.

    ``headrace`` is what Headrace is installed from: a requirement, or a wheel, which goes into the image.
    The model's packages come before the model, so that a new version of it builds quickly. Raises
    `InvalidValueError` if the folder holds something else.
    """
    if folder.exists() and any(folder.iterdir()) and not (folder / "Dockerfile").is_file():
        raise InvalidValueError(
            f"{folder} holds something that is no image. Choose another folder."
        )
    folder.mkdir(parents=True, exist_ok=True)
    wheel = Path(headrace) if headrace and headrace.endswith(".whl") else None
    source = (
        f"headrace[models] @ file:///opt/ml/{wheel.name}"
        if wheel
        else headrace or environments.ours()
    )
    if wheel is None and uris.scheme_of(source.partition(" @ ")[2] or "x:") == "file":
        raise InvalidValueError(
            "This Headrace was installed from a folder, which no image has: give --install-headrace a wheel of it."
        )
    if wheel is not None:
        shutil.copy2(wheel, folder / wheel.name)
    lines = environments.lines_of(found.folder, source)
    (folder / environment.PIP).write_text("\n".join(lines) + "\n", encoding="utf-8")
    limits = found.folder / environment.CONSTRAINTS
    text = limits.read_text(encoding="utf-8") if limits.is_file() else ""
    (folder / environment.CONSTRAINTS).write_text(text, encoding="utf-8")
    shutil.rmtree(folder / "model", ignore_errors=True)
    shutil.copytree(found.folder, folder / "model")
    version = ".".join(environments.python_of(found.folder).split(".")[:2])
    copies = f"COPY {wheel.name} ./\n" if wheel else ""
    made = folder / "Dockerfile"
    made.write_text(_DOCKERFILE.format(python=version, copies=copies, port=PORT), encoding="utf-8")
    return made


def build(folder: Path, name: str) -> None:
    """Build the image with whichever engine is here; `UnsupportedError` if none is, or what it said."""
    engine = next(filter(None, map(shutil.which, _ENGINES)), None)
    if engine is None:
        raise UnsupportedError(
            f"There is none of {', '.join(_ENGINES)} here to build an image with."
        )
    done = subprocess.run([engine, "build", "-t", name, str(folder)], check=False)  # noqa: S603  (no shell, our own words)
    if done.returncode != 0:
        raise UnsupportedError(f"{engine} did not build the image '{name}'; what it said is above.")
