"""What the autologging of one library is."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    from headrace.autologging.session import Call, Session

COMMON: Mapping[str, Any] = {
    "log_input_examples": False,
    "log_model_signatures": True,
    "log_models": True,
    "log_datasets": True,
    "disable": False,
    "exclusive": False,
    "disable_for_unsupported_versions": False,
    "silent": False,
    "registered_model_name": None,
    "extra_tags": None,
}
"""The options of every library, as MLflow has them, with their defaults."""


class Recorded(NamedTuple):
    """One kind of thing that is recorded, for the table in the documentation."""

    kind: str
    """``params``, ``metrics``, ``tags``, ``artifacts``, ``model``, ``dataset`` or ``runs``."""
    what: str


@dataclass(frozen=True, kw_only=True)
class Patch:
    """A function of the library that trains."""

    owner: Any
    """The class or module that has it."""
    name: str
    before: "Callable[[Session, Call], Call | None] | None" = None
    """Called before the training; it may give back a call with other arguments, such as one more callback."""
    after: "Callable[[Session, Call, Any], None] | None" = None
    """Called with what the training gave."""
    inside: "Callable[[Session, Call], Call | None] | None" = None
    """Called instead of both where the call is a part of a training of the same library."""


@dataclass(frozen=True, kw_only=True)
class Integration:
    """The autologging of one library."""

    name: str
    """The value of the tag ``mlflow.autologging``, and the name of the flavor."""
    modules: Sequence[str]
    """What is imported when the library is used: one of them, where it has several names."""
    distribution: str
    """What is installed, as PyPI calls it."""
    install: "Callable[[Integration], Iterable[Patch]]"
    """Called when one of the modules is there: the functions that train."""
    records: Sequence[Recorded]
    options: Mapping[str, Any] = field(default_factory=dict)
    """Its own options and their defaults, beside `COMMON`."""
    without: Sequence[str] = ()
    """Those of `COMMON` that it does not have."""
    versions: tuple[str, str] = ("", "")
    """The least version that is tested, and the first that is not; an empty text sets no limit."""

    @property
    def defaults(self) -> dict[str, Any]:
        """All options with their defaults."""
        common = {name: value for name, value in COMMON.items() if name not in self.without}
        return {**common, **self.options}
