"""Where the artifacts of experiments, runs and models are."""

from urllib.parse import unquote, urlsplit

from msgspec import Struct

from headrace.errors import InvalidValueError

SERVED_ROOT = "mlflow-artifacts:"
"""The root of a server that passes artifacts through itself."""


class Place(Struct, frozen=True):
    """The store's artifact root, and which other locations an experiment may name.

    Locations under the root are derived when they are read and never stored, so a store can be moved,
    and be used at once through a server (`SERVED_ROOT`) and as a folder.
    """

    root: str
    allowed: tuple[str, ...] | None = None
    """Prefixes that a given location must have; ``None`` allows any (a store of the user's own)."""
    keep: bool = False
    """Write the location of each new experiment down: a root that was chosen for new ones only."""

    def of_experiment(self, experiment: int, location: str | None) -> str:
        """Where an experiment's artifacts are."""
        if location is not None:
            return location
        return f"{self.root}/{experiment}"

    def of_new_experiment(self, experiment: int, location: str | None) -> str | None:
        """What to store for a new experiment, given what a client asked for."""
        checked = self.checked(location)
        return self.of_experiment(experiment, None) if checked is None and self.keep else checked

    def of_run(self, experiment: int, location: str | None, run_id: str) -> str:
        """Where a run's artifacts are."""
        return f"{self.of_experiment(experiment, location)}/{run_id}/artifacts"

    def of_model(self, experiment: int, location: str | None, model_id: str) -> str:
        """Where a logged model's files are."""
        return f"{self.of_experiment(experiment, location)}/models/{model_id}/artifacts"

    def checked(self, location: str | None) -> str | None:
        """What to store for a location that a client gave; `InvalidValueError` if it may not."""
        if not location:
            return None
        if len(location) > _LONGEST:
            raise InvalidValueError(
                f"'artifact_location' has {len(location)} characters; at most {_LONGEST} are allowed."
            )
        location = location.rstrip("/")
        scheme = urlsplit(location).scheme
        decoded = fully_unquoted(location)
        if (
            scheme in _NEVER
            or any(sign in decoded for sign in "#?;\0\\")
            or ".." in decoded.split("/")
            or decoded.startswith(_SERVED_HOST)
        ):
            raise InvalidValueError(
                f"'artifact_location' must be a plain path or a storage URI such as s3://bucket/folder; "
                f"got '{location}'."
            )
        if self.allowed is not None and not self._is_allowed(location):
            raise InvalidValueError(
                f"This server does not let clients choose the artifact location '{location}'. Leave "
                "'artifact_location' out, or ask its administrator to allow it (--allowed-artifact-roots)."
            )
        return location

    def _is_allowed(self, location: str) -> bool:
        roots = (self.root, *(self.allowed or ()))
        return any(
            location == root.rstrip("/") or location.startswith(root.rstrip("/") + "/")
            for root in roots
        )


def fully_unquoted(text: str) -> str:
    """The text with every %-escape resolved, however deep they are nested."""
    while (plain := unquote(text)) != text:
        text = plain
    return text


# With a host in it, clients would send their files there.
_SERVED_HOST = f"{SERVED_ROOT}//"
_LONGEST = 2048
_NEVER = {"http", "https", "ftp", "runs", "models", "data"}
