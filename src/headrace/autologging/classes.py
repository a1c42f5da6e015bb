"""The classes of a library: those that are there, and those that are defined later."""

from collections.abc import Callable, Iterable, Iterator
from typing import Any

from headrace.autologging import patching, switch
from headrace.autologging.integration import Integration, Patch

PatchesOf = Callable[[type], Iterable[Patch]]


def patches(integration: Integration, base: Any, patches_of: PatchesOf) -> Iterator[Patch]:
    """The patches of a base class and of all below it; each that is defined from now on is patched by itself.

    Most modules of a library are imported after its base class is.
    """
    _hear_of_new(integration, base, patches_of)
    for kind in (base, *_descendants(base)):
        yield from patches_of(kind)


def _descendants(kind: type) -> Iterator[type]:
    children: list[type] = kind.__subclasses__()
    for child in children:
        yield child
        yield from _descendants(child)


def _hear_of_new(integration: Integration, base: Any, patches_of: PatchesOf) -> None:
    said = base.__init_subclass__.__func__ if "__init_subclass__" in vars(base) else None

    def __init_subclass__(cls: Any, /, **kwargs: Any) -> None:  # noqa: N807
        if said is None:
            super(base, cls).__init_subclass__(**kwargs)
        else:
            said(cls, **kwargs)
        for patch in patches_of(cls):
            patching.apply(integration, patch, lambda: switch.options_of(integration))

    base.__init_subclass__ = classmethod(__init_subclass__)
