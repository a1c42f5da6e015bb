"""The options that say where a store's data lies, for commands that need it at hand."""

import functools
from typing import Any

import click

from headrace.cli.output import Act
from headrace.config import settings
from headrace.upkeep.premises import address_of


def premises_options(act: Act) -> Act:
    """The options; the function gets the `Address` that they make, as ``address``."""

    @functools.wraps(act)
    def command(
        *,
        backend_store_uri: str | None,
        artifacts_destination: str | None,
        tracking_uri: str | None,
        **given: Any,
    ) -> Any:
        uri = backend_store_uri or tracking_uri
        return act(address=address_of(uri, artifacts_destination, settings()), **given)

    for name, text in _OPTIONS:
        command = click.option(name, help=text)(command)
    return command


_OPTIONS = (
    ("--tracking-uri", "The same as --backend-store-uri."),
    (
        "--artifacts-destination",
        "Where the store's artifacts are; the folder `artifacts` of an embedded store, ./mlartifacts of a database.",
    ),
    (
        "--backend-store-uri",
        "The folder of an embedded store, or its database; that of the environment by default.",
    ),
)
