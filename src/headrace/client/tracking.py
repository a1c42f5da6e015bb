"""The explicit client."""

from pathlib import Path

from headrace.client.experiments import Experiments
from headrace.client.models import LoggedModels
from headrace.client.registry import RegisteredModels
from headrace.client.review import Reviews
from headrace.client.tables import Tables
from headrace.client.webhooks import Webhooks
from headrace.errors import UnsupportedError


class MlflowClient(Tables, Experiments, LoggedModels, RegisteredModels, Reviews, Webhooks):
    """Every operation on the store of one tracking URI, by name.

    Safe to share between threads. Nothing here knows of a current run, and every error is raised.
    """

    def __init__(
        self,
        tracking_uri: str | Path | None = None,
        registry_uri: str | None = None,
        workspace_store_uri: str | None = None,
    ) -> None:
        super().__init__(tracking_uri)
        if workspace_store_uri is not None:
            raise UnsupportedError("Workspaces are not kept; leave workspace_store_uri out.")
        if registry_uri is not None and registry_uri != str(tracking_uri):
            raise UnsupportedError("Models are kept where runs are; leave registry_uri out.")
