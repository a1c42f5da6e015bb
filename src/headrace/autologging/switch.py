"""Autologging on and off, before or after the library is imported."""

import inspect
import logging
from collections.abc import Callable, Mapping
from importlib.metadata import PackageNotFoundError, version
from types import ModuleType
from typing import Any

from headrace import plugins
from headrace.autologging import patching
from headrace.autologging.guard import quietly
from headrace.autologging.integration import Integration
from headrace.errors import InvalidValueError

_log = logging.getLogger(__name__)

_chosen: dict[str, dict[str, Any]] = {}
"""The options of each integration that was switched on or off, the last word winning."""
_installed: set[tuple[str, str]] = set()
"""The integrations with those of their modules whose functions are replaced."""
_umbrella: set[str] = set()
"""Integrations that only `headrace.autolog` spoke of: a word for the library itself wins."""


def function_of(integration: Integration) -> Callable[..., None]:
    """The library's ``autolog`` function, with its options as arguments."""

    def autolog(**options: Any) -> None:
        _umbrella.discard(integration.name)
        turn(integration, options)

    return with_options(
        autolog,
        integration.defaults,
        f"Record every training with {integration.name} from now on; ``disable=True`` ends it.\n\n"
        "Whether the library is imported before or after makes no difference, nor whether a run is "
        "active: where none is, each training gets one of its own. What is recorded is told in "
        "docs/reference/autologging.md.",
    )


def with_options(
    act: Callable[..., None], defaults: Mapping[str, Any], doc: str
) -> Callable[..., None]:
    """A function that takes the options by place or by name, and refuses others."""
    kind = inspect.Parameter.POSITIONAL_OR_KEYWORD
    known = inspect.Signature(
        [inspect.Parameter(name, kind, default=value) for name, value in defaults.items()]
    )

    def autolog(*args: Any, **kwargs: Any) -> None:
        try:
            given = known.bind(*args, **kwargs).arguments
        except TypeError as error:
            raise InvalidValueError(f"autolog: {error}. Options: {', '.join(defaults)}.") from error
        act(**given)

    autolog.__signature__ = known  # type: ignore[attr-defined]
    autolog.__doc__ = doc
    return autolog


def turn(integration: Integration, options: Mapping[str, Any]) -> None:
    """On, or off where the options say ``disable``; each word replaces the one before."""
    _chosen[integration.name] = {**integration.defaults, **options}
    if _chosen[integration.name]["disable"]:
        return
    for name in integration.modules:
        plugins.load("wrapt").when_imported(name)(lambda module: _install(integration, module))


def turn_all(integrations: Mapping[str, Integration], options: Mapping[str, Any]) -> None:
    """The word of `headrace.autolog` for every integration that had none of its own."""
    for name, integration in integrations.items():
        if name in _chosen and name not in _umbrella:
            continue
        _umbrella.add(name)
        known = {key: value for key, value in options.items() if key in integration.defaults}
        turn(integration, known)


def options_of(integration: Integration) -> Mapping[str, Any] | None:
    """The options in force; ``None`` while it is off."""
    options = _chosen.get(integration.name)
    return None if options is None or options["disable"] else options


def _install(integration: Integration, module: ModuleType) -> None:
    options = _chosen[integration.name]
    place = (integration.name, module.__name__)
    if place in _installed or not _is_supported(integration, options):
        return
    _installed.add(place)
    with quietly(integration.name, "anything", silent=bool(options.get("silent"))):
        for patch in integration.install(integration):
            patching.apply(integration, patch, lambda: options_of(integration))


def _is_supported(integration: Integration, options: Mapping[str, Any]) -> bool:
    least, beyond = integration.versions
    try:
        there = version(integration.distribution)
    except PackageNotFoundError:
        return True
    known = (not least or _parts(there) >= _parts(least)) and (
        not beyond or _parts(there) < _parts(beyond)
    )
    if known:
        return True
    ends = " ".join(filter(None, (least and f"from {least}", beyond and f"to before {beyond}")))
    if not options.get("silent"):
        _log.warning(
            "%s %s is not among the versions tested here, %s.", integration.name, there, ends
        )
    return not options.get("disable_for_unsupported_versions")


def _parts(text: str) -> tuple[int, ...]:
    return tuple(int(part) for part in text.split(".")[:3] if part.isdigit())
