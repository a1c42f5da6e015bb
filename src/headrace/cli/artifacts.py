"""``headrace artifacts``."""

from pathlib import Path
from typing import Any

import click
import msgspec

from headrace.cli import output
from headrace.client.tracking import MlflowClient
from headrace.fluent.downloads import download_artifacts
from headrace.wire.artifacts import FoundArtifacts
from headrace.wire.tracking import Nothing

_run_id = click.option("--run-id", "-r", required=True, help="The run, by its id.")
_folder = click.option("--artifact-path", "-a", help="A folder of the run; its root if left out.")


class Downloaded(msgspec.Struct, frozen=True):
    """Where what was fetched lies."""

    path: str


@click.group()
def artifacts() -> None:
    """List, fetch and store files of runs."""


def _list(found: FoundArtifacts, _given: dict[str, Any]) -> None:
    rows = [
        (f"{one.path}/" if one.is_dir else one.path, output.size(one.file_size))
        for one in found.files
    ]
    made = output.table(("path", "size"), rows, right=("size",))
    output.print_table(made, nothing="There are no artifacts.")


@artifacts.command("list")
@_run_id
@_folder
@output.gives(FoundArtifacts, _list)
@output.tracking_uri
def list_artifacts(*, uri: str, run_id: str, artifact_path: str | None) -> FoundArtifacts:
    """List the files and folders of a run, one level."""
    client = MlflowClient(uri)
    root = client.get_run(run_id).info.artifact_uri or ""
    return FoundArtifacts(root, client.list_artifacts(run_id, artifact_path))


@artifacts.command()
@click.option("--run-id", "-r", help="The run, by its id.")
@click.option("--artifact-path", "-a", help="A file or a folder of the run; all if left out.")
@click.option(
    "--artifact-uri",
    "-u",
    help="Instead of both: runs:/ID/path, models:/m-.../path, or a URI of an artifact store.",
)
@click.option(
    "--dst-path", "-d", help="The folder to put it into; a new temporary one if left out."
)
@output.gives(Downloaded, output.says("{answer.path}"))
@output.tracking_uri
def download(
    *,
    uri: str,
    run_id: str | None,
    artifact_path: str | None,
    artifact_uri: str | None,
    dst_path: str | None,
) -> Downloaded:
    """Fetch files, checked against the digests that were recorded when they were written."""
    if (run_id is None) == (artifact_uri is None):
        raise click.UsageError("Say either --run-id or --artifact-uri.")
    if (run_id is None) == (artifact_uri is None):
        raise click.UsageError("Say either --run-id or --artifact-uri.")
    if artifact_uri is not None and artifact_path is not None:
        raise click.UsageError("--artifact-path goes with --run-id, not with --artifact-uri.")
    return Downloaded(
        download_artifacts(artifact_uri, run_id, artifact_path, dst_path, tracking_uri=uri)
    )


@artifacts.command("log-artifact")
@click.option(
    "--local-file", "-l", required=True, type=click.Path(exists=True), help="The file to store."
)
@_run_id
@_folder
@output.gives(Nothing, output.says("Stored {local_file} with run {run_id}."))
@output.tracking_uri
def log_artifact(*, uri: str, local_file: str, run_id: str, artifact_path: str | None) -> Nothing:
    """Store a file with a run."""
    MlflowClient(uri).log_artifact(run_id, Path(local_file), artifact_path)
    return Nothing()


@artifacts.command("log-artifacts")
@click.option(
    "--local-dir", "-l", required=True, type=click.Path(exists=True, file_okay=False),
    help="The folder whose files to store.",
)  # fmt: skip
@_run_id
@_folder
@output.gives(Nothing, output.says("Stored the files of {local_dir} with run {run_id}."))
@output.tracking_uri
def log_artifacts(*, uri: str, local_dir: str, run_id: str, artifact_path: str | None) -> Nothing:
    """Store all files of a folder with a run."""
    MlflowClient(uri).log_artifacts(run_id, Path(local_dir), artifact_path)
    return Nothing()
