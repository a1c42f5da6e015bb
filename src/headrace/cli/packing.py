"""``headrace models prepare-env``, ``generate-dockerfile`` and ``build-docker``."""

import functools
import os
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, TypeVar, cast

import click
from msgspec import Struct

from headrace.cli import output
from headrace.config import cache_folder, settings
from headrace.models import loading
from headrace.serve import environments, images

_env_manager = click.option(
    "--env-manager",
    type=click.Choice(environments.MANAGERS),
    default="local",
    show_default=True,
    help="What makes the environment that the model says it needs; `local` is the one of this command.",
)
_install_headrace = click.option(
    "--install-headrace",
    help="What Headrace is installed from: a requirement, or a wheel. What this one came from by default.",
)
F = TypeVar("F", bound=Callable[..., Any])
_model = click.option("--model-uri", "-m", required=True, help="The model, by its URI or path.")


class Prepared(Struct, frozen=True):
    """An environment that is ready."""

    python: str


class Written(Struct, frozen=True):
    """A folder that an image can be built from."""

    dockerfile: str


class Built(Struct, frozen=True):
    """An image."""

    name: str


@click.command("prepare-env")
@_model
@_env_manager
@_install_headrace
@output.gives(Prepared, lambda found, _given: click.echo(found.python))
def prepare_env(*, model_uri: str, env_manager: str, install_headrace: str | None) -> Prepared:
    """Make the environment of a model, and say where its interpreter is."""
    return Prepared(str(prepared(model_uri, env_manager, install_headrace)))


@click.command("generate-dockerfile")
@_model
@click.option(
    "--output-directory",
    "-d",
    type=click.Path(file_okay=False, path_type=Path),
    default="headrace-image",
    show_default=True,
    help="Where the image's files go.",
)
@_install_headrace
@output.gives(
    Written,
    output.says("Wrote {output_directory}: build it with `docker build {output_directory}`."),
)
def generate_dockerfile(
    *, model_uri: str, output_directory: Path, install_headrace: str | None
) -> Written:
    """Write what an image that answers for a model is built from.

    The image listens on port 8080 for what SageMaker asks: /ping and /invocations.
    """
    return Written(str(images.write(loading.find(model_uri), output_directory, install_headrace)))


@click.command("build-docker")
@_model
@click.option("--name", "-n", default="headrace-model", show_default=True, help="The image's name.")
@_install_headrace
@output.gives(Built, output.says("Built the image {name}."))
def build_docker(*, model_uri: str, name: str, install_headrace: str | None) -> Built:
    """Build an image that answers for a model, with docker, podman or buildah."""
    with tempfile.TemporaryDirectory() as folder:
        images.write(loading.find(model_uri), Path(folder), install_headrace)
        images.build(Path(folder), name)
    return Built(name)


def prepared(model_uri: str, manager: str, headrace: str | None) -> Path:
    """The interpreter that a model predicts in."""
    if manager == "local":
        return Path(sys.executable)
    said = settings().env_root
    root = Path(said) if said else cache_folder() / "environments"
    return environments.prepare(loading.fetch(model_uri), manager, root, headrace)


def in_its_environment(uri_of: Callable[[dict[str, Any]], str]) -> Callable[[F], F]:
    """A command that goes on in the environment of its model, if it is told to by ``--env-manager``.

    ``uri_of`` finds the model's URI among the command's arguments.
    """

    def decorate(act: F) -> F:
        @functools.wraps(act)
        def command(*, env_manager: str, install_headrace: str | None, **given: Any) -> Any:
            if env_manager != "local":
                python = str(prepared(uri_of(given), env_manager, install_headrace))
                again = [python, "-m", "headrace.cli.main", *_without_manager(sys.argv[1:])]
                os.execv(python, again)  # noqa: S606  (no shell is wanted)
            return act(**given)

        return cast("F", _env_manager(_install_headrace(command)))

    return decorate


def _without_manager(arguments: Sequence[str]) -> list[str]:
    """A command line without what is done."""
    kept, rest = [], iter(arguments)
    for one in rest:
        if one in ("--env-manager", "--install-headrace"):
            next(rest)
        elif not one.startswith(("--env-manager=", "--install-headrace=")):
            kept.append(one)
    return kept
