"""``headrace server`` and ``headrace ui``: the one place that puts a server together."""

import threading
from collections.abc import Callable
from functools import partial
from importlib.metadata import version
from pathlib import Path
from typing import Any, Literal

import click
import msgspec

from headrace import plugins
from headrace.artifacts.base import ArtifactStore, Opening, PresigningStore
from headrace.artifacts.resolve import Locations, open_artifacts
from headrace.artifacts.sweeping import keep_swept
from headrace.cli import listening
from headrace.config import Settings, settings
from headrace.egress import Egress
from headrace.errors import BadRequestError, InvalidValueError
from headrace.server.app import Application, ServerInfo
from headrace.server.artifacts import artifact_routes
from headrace.server.exports import export_routes
from headrace.server.pages import page_routes
from headrace.server.reference import reference_routes
from headrace.server.security import Guard
from headrace.stores.resolve import folder_of, prepared

Durability = Literal["NORMAL", "FULL"]

_DURABLE = Opening(durable=True)
_SERVED = "mlflow-artifacts:"
_UI = Path(__file__).parent.parent / "ui"


class Plan(msgspec.Struct, frozen=True):
    """What a server is made from; worker processes get it, too."""

    settings: Settings
    durability: Durability


_OPTIONS: tuple[tuple[str, ...], ...] = (
    ("--backend-store-uri",),
    ("--default-artifact-root",),
    ("--artifacts-destination",),
    ("--host", "-h"),
    ("--port", "-p"),
    ("--workers", "-w"),
    ("--static-prefix",),
    ("--allowed-hosts",),
    ("--cors-allowed-origins",),
    ("--allowed-artifact-roots",),
)


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """The options that both commands take; texts and defaults are those of the settings."""
    rows = {row.name: row for row in msgspec.structs.fields(Settings)}
    for names in reversed(_OPTIONS):
        name = names[0].removeprefix("--").replace("-", "_")
        doc = _doc(rows[name].type)
        command = click.option(*names, name, default=None, help=doc)(command)
    command = click.option(
        "--serve-artifacts/--no-serve-artifacts",
        default=None,
        help=_doc(rows["serve_artifacts"].type),
    )(command)
    return click.option(
        "--without-auth", is_flag=True, default=None, help=_doc(rows["without_auth"].type)
    )(command)


def _doc(kind: Any) -> str:
    return next(
        note.description
        for note in kind.__metadata__
        if isinstance(note, msgspec.Meta) and note.description
    )


@click.command()
@_options
def server(**given: Any) -> None:
    """Serve a store to a team: REST API (that of MLflow 3) and web UI."""
    _serve(Plan(_merged(given), "FULL"))


@click.command()
@_options
def ui(**given: Any) -> None:
    """Look at the runs of this folder in the browser."""
    _serve(Plan(_merged(given), "NORMAL"))


def _merged(given: dict[str, Any]) -> Settings:
    """The settings of the environment, with what the command line says on top."""
    chosen = {name: value for name, value in given.items() if value is not None}
    for name in ("allowed_hosts", "cors_allowed_origins", "allowed_artifact_roots"):
        if name in chosen:
            chosen[name] = tuple(part.strip() for part in chosen[name].split(",") if part.strip())
    for name in ("port", "workers"):
        if name in chosen:
            chosen[name] = _whole(name, chosen[name])
    return msgspec.structs.replace(settings(), **chosen)


def _whole(name: str, text: str) -> int:
    if not text.isdecimal():
        raise InvalidValueError(f"--{name} must be a whole number; got '{text}'.")
    return int(text)


def _serve(plan: Plan) -> None:
    chosen = plan.settings
    if chosen.host not in listening.LOOPBACK and not chosen.without_auth:
        raise BadRequestError(
            f"--host {chosen.host} lets other machines in, and nobody has to sign in. Say --without-auth if "
            "the network in front of the server takes care of that, or keep the default, 127.0.0.1."
        )
    prefix = chosen.static_prefix or ""
    listening.serve(
        partial(build, plan), chosen.host, chosen.port, chosen.workers, "Headrace serves", prefix
    )


def build(plan: Plan) -> Application:
    """The application that a plan describes, with its store opened."""
    application = _assembled(plan)
    listening.settle()
    return application


def _assembled(plan: Plan) -> Application:
    chosen = plan.settings
    folder = folder_of(chosen.backend_store_uri)
    if folder is None and _scheme(chosen.backend_store_uri) in ("http", "https"):
        raise InvalidValueError(
            "--backend-store-uri must be a folder or a database, not another server."
        )
    destination = chosen.artifacts_destination or str(
        folder / "artifacts" if folder else Path("mlartifacts").absolute()
    )
    root = chosen.default_artifact_root or (_SERVED if chosen.serve_artifacts else destination)
    place = plugins.load("headrace.stores.sql:Place")(
        root=root.rstrip("/"),
        allowed=(_SERVED, *chosen.allowed_artifact_roots),
        keep=chosen.default_artifact_root is not None,
    )
    opened = "headrace.stores.sql:open_folder" if folder else "headrace.stores.sql:connect"
    store = plugins.load(opened)(
        prepared(folder) if folder else chosen.backend_store_uri,
        place=place,
        durability=plan.durability,
        read_timeout_s=chosen.read_timeout,
        egress=Egress(
            chosen.webhook_allowed_schemes,
            allow_private=chosen.webhook_allow_private_ips,
            timeout_s=chosen.webhook_request_timeout,
        ),
        secret_key=chosen.secret_key,
    )
    served = open_artifacts(destination, _DURABLE) if chosen.serve_artifacts else None
    locations = Locations((root, *chosen.allowed_artifact_roots), _DURABLE)
    release = version("headrace")
    routes = [
        *artifact_routes(store, served, locations),
        *export_routes(store),
        *reference_routes(release),
        *page_routes(_UI, chosen.static_prefix or ""),
    ]
    return Application(
        store,
        Guard.of(chosen.host, chosen.allowed_hosts, chosen.cors_allowed_origins),
        version=release,
        routes=routes,
        info=_info(served),
        prefix=chosen.static_prefix or "",
    )


def _info(served: ArtifactStore | None) -> ServerInfo:
    """What clients are told before they move files; and leftovers of broken uploads are swept away."""
    if served is not None:
        keep_swept(served, threading.Event())
    signs = isinstance(served, PresigningStore)
    return ServerInfo(
        artifact_serving_enabled=served is not None,
        multipart_uploads_enabled=signs,
        multipart_downloads_enabled=signs,
        presigned_upload_run_id_supported=signs,
        presigned_upload_model_id_supported=signs,
    )


def _scheme(uri: str | None) -> str:
    return (uri or "").partition(":")[0].lower()
