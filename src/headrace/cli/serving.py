"""``headrace models serve``, ``headrace models predict`` and ``headrace pyfunc serve``."""

import functools
import re
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import click
import msgspec
from msgspec import Struct

from headrace.cli import listening, output, packing
from headrace.client.connection import get_tracking_uri, set_tracking_uri
from headrace.config import settings
from headrace.errors import InvalidValueError
from headrace.serve import batch
from headrace.serve.app import Application, Limits
from headrace.serve.served import How, Served

_NAMED = re.compile(r"(?P<name>[A-Za-z0-9_-]+)=(?P<uri>.+)", re.DOTALL)
_MIB = 2**20


class Plan(Struct, frozen=True):
    """What a scoring server is made from; worker processes get it, too."""

    models: dict[str, str]
    """URIs by name."""
    limits: Limits
    config: dict[str, Any] | None
    allow_code: bool | None
    tracking_uri: str


def build(plan: Plan) -> Application:
    """The application that a plan describes, with its models loaded and tried."""
    set_tracking_uri(plan.tracking_uri)
    how = How(plan.config, plan.allow_code, plan.limits.most_waiting)
    served = [Served(name, uri, how) for name, uri in plan.models.items()]
    application = Application(served, plan.limits, version("headrace"))
    listening.settle()
    return application


def _options(command: Callable[..., None]) -> Callable[..., None]:
    """The options of both ways to serve; the settings say what is not given."""
    for wrap in reversed(
        (
            click.option("--port", "-p", type=int, help="The port to listen on; 5000 by default."),
            click.option("--host", "-h", help="The address to listen on; 127.0.0.1 by default."),
            click.option(
                "--workers", "-w", type=click.IntRange(1), help="How many processes answer."
            ),
            click.option("--timeout", "-t", type=float, help="Seconds that a request may take."),
            click.option(
                "--allow-code",
                is_flag=True,
                default=None,
                help="Load the model even if it runs code of someone unknown.",
            ),
        )
    ):
        command = wrap(command)
    return command


@click.command()
@click.option(
    "--model-uri",
    "-m",
    "uris",
    required=True,
    multiple=True,
    help="The model, by its URI or path. Several as NAME=URI.",
)
@_options
@packing.in_its_environment(lambda given: _only(_by_name(given["uris"])))
def serve(*, uris: tuple[str, ...], **given: Any) -> None:
    """Answer for models over HTTP, as MLflow's scoring protocol has it.

    POST /invocations asks the first model, POST /models/NAME/invocations each by its name. A model named by
    alias, stage or `latest` is replaced when that moves.
    """
    _serve(_by_name(uris), **given)


@click.group()
def pyfunc() -> None:
    """Serve the models of runs."""


@pyfunc.command("serve")
@click.option("--run-id", "-r", required=True, help="The run that made the model.")
@click.option("--model-path", "-m", default="model", show_default=True, help="Its name in the run.")
@_options
@packing.in_its_environment(lambda given: _of_run(given["run_id"], given["model_path"]))
def serve_run(*, run_id: str, model_path: str, **given: Any) -> None:
    """Answer for the model of a run over HTTP."""
    _serve({model_path: _of_run(run_id, model_path)}, **given)


def _of_run(run_id: str, model_path: str) -> str:
    return f"runs:/{run_id}/{model_path}"


def _only(models: dict[str, str]) -> str:
    if len(models) > 1:
        raise InvalidValueError(
            "Models in one process share its environment: serve them one by one, or with --env-manager local."
        )
    return next(iter(models.values()))


def _by_name(uris: tuple[str, ...]) -> dict[str, str]:
    found: dict[str, str] = {}
    for given in uris:
        named = _NAMED.fullmatch(given)
        if named is None and len(uris) > 1:
            raise InvalidValueError(
                f"With several models each is given as NAME=URI, not '{given}'."
            )
        name, uri = (named["name"], named["uri"]) if named else ("model", given)
        if name in found:
            raise InvalidValueError(f"Two models are called '{name}'.")
        found[name] = uri
    return found


def _serve(
    models: dict[str, str],
    *,
    port: int | None,
    host: str | None,
    workers: int | None,
    timeout: float | None,
    allow_code: bool | None,
) -> None:
    chosen = settings()
    limits = Limits(
        timeout_s=timeout or chosen.scoring_request_timeout,
        most_bytes=int(chosen.scoring_max_request_mb * _MIB),
        most_waiting=chosen.scoring_max_waiting,
        reload_s=chosen.scoring_reload_interval,
    )
    plan = Plan(
        models, limits, _config(chosen.scoring_model_config), allow_code, get_tracking_uri()
    )
    listening.serve(
        functools.partial(build, plan),
        host or chosen.host,
        chosen.port if port is None else port,
        workers or chosen.scoring_workers,
        f"Serving {', '.join(models.values())} at",
    )


def _config(text: str | None) -> dict[str, Any] | None:
    if text is None:
        return None
    try:
        return msgspec.json.decode(text, type=dict[str, Any])
    except msgspec.DecodeError as error:
        raise InvalidValueError(f"The model's configuration is no JSON object: {error}.") from error


class Predicted(Struct, frozen=True):
    """What was predicted."""

    rows: int
    output: str


def _told(found: Predicted, given: dict[str, Any]) -> None:
    if given["output_path"] is not None:
        click.echo(f"Wrote predictions for {found.rows} rows to {found.output}.")


@click.command()
@click.option("--model-uri", "-m", required=True, help="The model, by its URI or path.")
@click.option(
    "--input-path", "-i", type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="A file of JSON (as a request's body), CSV or Parquet; stdin by default.",
)  # fmt: skip
@click.option(
    "--output-path", "-o", type=click.Path(dir_okay=False, path_type=Path),
    help="Where the predictions go; the suffix says how: .json, .csv or .parquet. Stdout by default, as JSON.",
)  # fmt: skip
@click.option(
    "--content-type", "-t", type=click.Choice(batch.FORMATS),
    help="The format of the input, where its suffix does not say; json by default.",
)  # fmt: skip
@click.option(
    "--chunk-rows", type=click.IntRange(1), default=100_000, show_default=True,
    help="How many rows of CSV or Parquet are in memory at once.",
)  # fmt: skip
@click.option(
    "--allow-code",
    is_flag=True,
    default=None,
    help="Load the model even if it runs code of someone unknown.",
)
@output.gives(Predicted, _told)
@packing.in_its_environment(lambda given: str(given["model_uri"]))
def predict(
    *,
    model_uri: str,
    input_path: Path | None,
    output_path: Path | None,
    content_type: str | None,
    chunk_rows: int,
    allow_code: bool | None,
) -> Predicted:
    """Predict for a whole file, a part after another.

    The file of predictions appears when it is complete.
    """
    source = batch.Source(input_path, content_type, chunk_rows)
    rows = batch.predict(model_uri, source, output_path, allow_code=allow_code)
    return Predicted(rows, str(output_path or "-"))
