"""``headrace models``."""

from pathlib import Path
from typing import Literal

import click
from msgspec import Struct

from headrace import flavors
from headrace.cli import output
from headrace.cli.packing import build_docker, generate_dockerfile, prepare_env
from headrace.cli.serving import predict, serve
from headrace.errors import HeadraceError
from headrace.models import changing, looking
from headrace.models.loading import read
from headrace.pyfunc.flavor import FLAVOR
from headrace.wire.tracking import Nothing

_folder = click.argument("path", type=click.Path(exists=True, file_okay=False, path_type=Path))


class Validated(Struct, frozen=True):
    """What was found in a model."""

    sound: bool
    findings: list[looking.Finding]


@click.group()
def models() -> None:
    """Look at models, predict with them, serve them, and change what they say of themselves."""


for command in (serve, predict, prepare_env, generate_dockerfile, build_docker):
    models.add_command(command)


def _told(found: Validated, _given: dict[str, object]) -> None:
    for one in found.findings:
        click.echo(f"{one.level}: {one.text}")
    click.echo("The model is sound." if found.sound else "The model is not sound.")


@models.command()
@_folder
@output.gives(Validated, _told, wrong=lambda found: not found.sound)
def validate(*, path: Path) -> Validated:
    """Say whether the model in the folder PATH is sound. Nothing in it is loaded.

    Exit code 1 if a file is missing or is not what was saved, or if the description cannot be read.
    """
    try:
        names = read(path).flavors
    except HeadraceError:
        names = {}
    known = {name: FLAVOR if name == FLAVOR.name else flavors.find(name) for name in names}
    findings = looking.validate(path, known)
    return Validated(all(one.level != "error" for one in findings), findings)


@models.command()
@_folder
@output.gives(Nothing, output.says("Sealed {path}: what is in it now is the model."))
def seal(*, path: Path) -> Nothing:
    """Write the manifest of the model in the folder PATH anew, after changing it by hand."""
    changing.seal(path)
    return Nothing()


@models.command("update-pip-requirements")
@click.option("--model-uri", "-m", required=True, help="The model, by its URI or path.")
@click.argument("operation", type=click.Choice(["add", "remove"]))
@click.argument("requirements", nargs=-1, required=True)
@output.gives(Nothing, output.says("Changed what {model_uri} requires."))
def update_pip_requirements(
    *, model_uri: str, operation: Literal["add", "remove"], requirements: tuple[str, ...]
) -> Nothing:
    """Have a model require more packages, or fewer, where it is kept."""
    changing.update_model_requirements(model_uri, operation, list(requirements))
    return Nothing()
