"""What to send along with a report of a problem."""

import platform
import sys
from importlib.metadata import PackageNotFoundError, version

from headrace import config
from headrace.client.connection import get_tracking_uri, shown, store_for
from headrace.errors import HeadraceError
from headrace.wire.tracking import SearchExperiments

_PACKAGES = (
    "headrace",
    "msgspec",
    "numpy",
    "pandas",
    "httpx",
    "sqlalchemy",
    "starlette",
    "uvicorn",
    "fsspec",
    "mlflow",
)


def doctor(mask_envs: bool = False) -> None:
    """Print versions, settings, and whether the store answers. No secret is printed."""
    lines = [
        f"Python {platform.python_version()} on {platform.platform()}",
        *(f"{name} {_version(name)}" for name in _PACKAGES),
        f"tracking URI: {shown(get_tracking_uri())}",
        f"store: {_store()}",
        *_settings(mask=mask_envs),
    ]
    sys.stdout.write("\n".join(lines) + "\n")


def _version(name: str) -> str:
    try:
        return version(name)
    except PackageNotFoundError:
        return "is not installed"


def _store() -> str:
    try:
        store_for(get_tracking_uri()).search_experiments(SearchExperiments(1))
    except HeadraceError as error:
        return f"does not answer: {error}"
    return "answers"


def _settings(*, mask: bool) -> list[str]:
    given = config.settings()
    changed = [row for row in config.table() if getattr(given, row.name) != row.default]
    return [
        f"{row.variable}: {'***' if mask or row.secret else shown(str(getattr(given, row.name)))}"
        for row in changed
    ]
