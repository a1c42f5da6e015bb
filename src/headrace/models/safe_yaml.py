"""YAML that came from anywhere: read as plain values, never as objects, and never without bound."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any

from headrace.errors import InvalidValueError, UnsupportedError

MAX_BYTES = 16 << 20
MAX_DEPTH = 100
MAX_VALUES = 1_000_000
"""How many values a document may hold, each counted as often as aliases repeat it."""


def read(path: Path) -> dict[str, Any]:
    """The mapping in a file. Raises `InvalidValueError` that names the file and what is wrong in it."""
    if path.stat().st_size > MAX_BYTES:
        raise InvalidValueError(
            f"{path} has more than {MAX_BYTES >> 20} MiB; that is no description."
        )
    return parsed(path.read_bytes(), str(path))


def parsed(text: bytes | str, name: str) -> dict[str, Any]:
    """The mapping that ``text`` spells; ``name`` is for the error."""
    yaml = _yaml()
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    try:
        _check_depth(yaml.parse(text, Loader=loader))
        found = yaml.load(text, Loader=loader)
        _count(found, {}, set())
    except yaml.YAMLError as error:
        raise InvalidValueError(f"{name} cannot be read as plain YAML: {error}") from error
    except ValueError as error:
        raise InvalidValueError(f"{name} cannot be read as plain YAML: {error}.") from error
    if not isinstance(found, dict):
        raise InvalidValueError(f"{name} holds no mapping of names to values.")
    return found


def written(value: Any) -> str:
    """A plain value as YAML, keys sorted."""
    yaml = _yaml()
    dumper = getattr(yaml, "CSafeDumper", yaml.SafeDumper)
    text: str = yaml.dump(value, Dumper=dumper, sort_keys=True, allow_unicode=True)
    return text


def _yaml() -> Any:
    try:
        import yaml  # noqa: PLC0415  (an extra)
    except ImportError as error:
        raise UnsupportedError(
            "Models are described in YAML, for which PyYAML is missing: pip install 'headrace[models]'."
        ) from error
    return yaml


def _check_depth(events: Iterable[Any]) -> None:
    """The reader calls itself for each level, in C: what is deep enough ends the process."""
    depth = 0
    for event in events:
        kind = type(event).__name__
        depth += kind.endswith("StartEvent") - kind.endswith("EndEvent")
        if depth > MAX_DEPTH:
            raise ValueError(f"it is nested more than {MAX_DEPTH} levels deep")


def _count(value: Any, known: dict[int, int], above: set[int]) -> int:
    """How many values there would be if each alias were written out."""
    if not isinstance(value, dict | list):
        return 1
    if id(value) in above:
        raise ValueError("a value contains itself")
    if id(value) not in known:
        above.add(id(value))
        parts = value.values() if isinstance(value, dict) else value
        known[id(value)] = 1 + sum(_count(part, known, above) for part in parts)
        above.discard(id(value))
    if known[id(value)] > MAX_VALUES:
        raise ValueError(f"written out it holds more than {MAX_VALUES:,} values")
    return known[id(value)]
