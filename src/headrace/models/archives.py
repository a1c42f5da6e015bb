"""Archives of skops: estimators as data, which loading turns only into types that are trusted."""

import sys
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from types import ModuleType
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError

_ADAPTER = "sklearn.externals.array_api_compat.torch"

MAX_RATIO = 200
"""How much larger than the archive its content may be, where that is a lot."""
MUCH_BYTES = 1 << 30


def write(model: Any, path: Path, given: Sequence[str], own: Sequence[str]) -> list[str]:
    """Write an estimator; the types that loading must be told to trust: those given, and the library's own.

    Refuses at once what could not be loaded again, naming the types and what to say.
    """
    skops = _skops()
    skops.dump(model, path)
    # Also types of the library in which hostile bytes could do harm, such as trees: these bytes are ours.
    asked = skops.get_untrusted_types(file=path)
    trusted = {*given, *(name for name in asked if name.partition(".")[0] in own)}
    unknown = [name for name in asked if name not in trusted]
    if unknown:
        raise InvalidValueError(
            f"skops does not load these types unasked: {', '.join(unknown)}. If you trust them, say "
            f"skops_trusted_types={unknown}; or serialization_format='cloudpickle'."
        )
    return sorted(trusted)


def read(path: Path, trusted: Sequence[str]) -> Any:
    """The estimator again; `InvalidValueError` for an archive that is none, or asks for other types."""
    skops = _skops()
    untrusted = plugins.load("skops.io.exceptions:UntrustedTypesFoundException")
    try:
        _check_size(path)
        return skops.load(path, trusted=list(trusted))
    except untrusted as error:
        raise InvalidValueError(f"{path} was not loaded: {error}") from error
    except (zipfile.BadZipFile, ValueError, KeyError, TypeError, RecursionError) as error:
        raise InvalidValueError(
            f"{path} cannot be read as an archive of skops: {error}."
        ) from error


def _check_size(path: Path) -> None:
    with zipfile.ZipFile(path) as archive:
        total = sum(entry.file_size for entry in archive.infolist())
    if total > max(MUCH_BYTES, MAX_RATIO * path.stat().st_size):
        raise ValueError(f"it would grow to {total:,} bytes")


def _skops() -> Any:
    try:
        with _scikit_learn_alone():
            return plugins.load("skops.io")
    except ImportError as error:
        raise UnsupportedError(
            "skops is missing, in whose format estimators are saved: pip install 'headrace[sklearn]'."
        ) from error


@contextmanager
def _scikit_learn_alone() -> Iterator[None]:
    """Keep PyTorch from being imported for nothing, which takes seconds.

    skops walks through all packages of scikit-learn, and one of them is an adapter that imports PyTorch. An
    empty module stands for the adapter meanwhile, unless it is in use.
    """
    if _ADAPTER in sys.modules:
        yield
        return
    sys.modules[_ADAPTER] = ModuleType(_ADAPTER)
    try:
        yield
    finally:
        del sys.modules[_ADAPTER]
