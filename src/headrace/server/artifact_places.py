"""Where the artifacts of a run or a logged model are, as far as this server may reach them."""

from collections.abc import Callable

from headrace.artifacts.base import ArtifactStore
from headrace.artifacts.below import below
from headrace.artifacts.uris import PROXIED, proxied_path, scheme_of
from headrace.errors import InvalidValueError, UnavailableError
from headrace.stores.base import TrackingStore
from headrace.wire.tracking import GetLoggedModel, GetRun


class Places:
    """Finds artifact stores by what clients name.

    A location is never taken from a client: it is the run's or the model's own, as the store has it,
    and it lies below the served artifacts or is opened by ``locations``, which refuses whatever is
    outside of the roots that the server was started with.
    """

    def __init__(
        self,
        store: TrackingStore,
        served: ArtifactStore | None,
        locations: Callable[[str], ArtifactStore],
    ) -> None:
        self._store = store
        self._served = served
        self._locations = locations

    @property
    def served(self) -> ArtifactStore:
        """What the server keeps for its clients."""
        if self._served is None:
            raise UnavailableError(
                "This server does not serve artifacts; it was started with --no-serve-artifacts."
            )
        return self._served

    def of_run(self, run_id: str) -> tuple[str, ArtifactStore]:
        """The URI and the files of a run."""
        info = self._store.get_run(GetRun(run_id)).run.info
        return self._at(info.artifact_uri, f"run {run_id}")

    def of_model(self, model_id: str) -> tuple[str, ArtifactStore]:
        """The URI and the files of a logged model."""
        info = self._store.get_logged_model(GetLoggedModel(model_id)).model.info
        return self._at(info.artifact_uri, f"model {model_id}")

    def _at(self, uri: str | None, owner: str) -> tuple[str, ArtifactStore]:
        if not uri:
            raise InvalidValueError(f"The {owner} has no artifact location.")
        if scheme_of(uri) == PROXIED:
            return uri, below(self.served, proxied_path(uri))
        return uri, self._locations(uri)
