"""What can be searched: for each kind of object its attributes, and the prefixes of its other fields."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

from headrace.search.tree import Kind


@dataclass(frozen=True)
class Attribute:
    """A field that every object has; names and aliases are looked up without regard to case."""

    name: str
    numeric: bool = False
    aliases: tuple[str, ...] = ()
    choices: tuple[str, ...] = ()
    """The only values there are, where an unknown one is refused."""
    quoted: bool = False
    """Whether its numbers may stand in quotes, too."""


@dataclass(frozen=True)
class Searchable:
    """One kind of object, as its filters and orders name it."""

    noun: str
    attributes: tuple[Attribute, ...]
    prefixes: Mapping[str, Kind]
    orders: frozenset[Kind]
    """The kinds of field that an order may name."""
    bare_values: bool = False
    """Whether text may stand without quotes, as in ``status = READY``."""

    @cached_property
    def attributes_by_name(self) -> dict[str, Attribute]:
        """Attributes by each of their names, in lower case."""
        return _by_name(self.attributes)


def _by_name(attributes: tuple[Attribute, ...]) -> dict[str, Attribute]:
    return {name.lower(): each for each in attributes for name in (each.name, *each.aliases)}


def _prefixes(own: str, *kinds: Kind) -> dict[str, Kind]:
    return {
        own: "attribute",
        **dict.fromkeys(_PREFIXES["attribute"], "attribute"),
        **{word: kind for kind in kinds for word in _PREFIXES[kind]},
    }


# The first is the one that messages use.
_PREFIXES: dict[Kind, tuple[str, ...]] = {
    "attribute": ("attributes", "attribute", "attr"),
    "metric": ("metrics", "metric"),
    "param": ("params", "param", "parameters", "parameter"),
    "tag": ("tags", "tag"),
    "dataset": ("datasets", "dataset"),
}

DATASET = _by_name((Attribute("name"), Attribute("digest"), Attribute("context")))

RUNS = Searchable(
    "runs",
    (
        Attribute("run_id"),
        Attribute("run_name", aliases=("run name",)),
        Attribute("status"),
        Attribute("start_time", numeric=True, aliases=("created",)),
        Attribute("end_time", numeric=True),
        Attribute("duration", numeric=True),
        Attribute("user_id"),
        Attribute("artifact_uri"),
        Attribute("experiment_id"),
        Attribute("parent_run_id"),
    ),
    _prefixes("run", "metric", "param", "tag", "dataset"),
    frozenset(("attribute", "metric", "param", "tag")),
)

EXPERIMENTS = Searchable(
    "experiments",
    (
        Attribute("name"),
        Attribute("experiment_id"),
        Attribute("creation_time", numeric=True),
        Attribute("last_update_time", numeric=True),
    ),
    _prefixes("experiment", "tag"),
    frozenset(("attribute", "tag")),
)

LOGGED_MODELS = Searchable(
    "logged models",
    (
        Attribute("name"),
        Attribute("model_id"),
        Attribute("model_type"),
        Attribute("status", choices=("UNSPECIFIED", "PENDING", "READY", "FAILED")),
        Attribute("source_run_id"),
        Attribute(
            "creation_timestamp_ms",
            numeric=True,
            aliases=("creation_timestamp", "creation_time"),
        ),
        Attribute(
            "last_updated_timestamp_ms",
            numeric=True,
            aliases=("last_updated_timestamp", "last_updated_time"),
        ),
    ),
    _prefixes("model", "metric", "param", "tag"),
    frozenset(("attribute", "metric", "param", "tag")),
    bare_values=True,
)

EVALUATION_DATASETS = Searchable(
    "evaluation datasets",
    (
        Attribute("name"),
        Attribute("created_by"),
        Attribute("last_updated_by"),
        Attribute("created_time", numeric=True),
        Attribute("last_update_time", numeric=True),
    ),
    _prefixes("dataset", "tag"),
    frozenset(("attribute", "tag")),
)

REGISTERED_MODELS = Searchable(
    "registered models",
    (
        Attribute("name"),
        Attribute("creation_timestamp", numeric=True),
        Attribute("last_updated_timestamp", numeric=True, aliases=("timestamp",)),
    ),
    _prefixes("model", "tag"),
    frozenset(("attribute", "tag")),
)

MODEL_VERSIONS = Searchable(
    "model versions",
    (
        Attribute("name"),
        Attribute("version_number", numeric=True, aliases=("version",), quoted=True),
        Attribute("run_id"),
        Attribute("model_id"),
        Attribute("source_path", aliases=("source",)),
        Attribute("current_stage", aliases=("stage",)),
        Attribute("user_id"),
        Attribute("creation_timestamp", numeric=True),
        Attribute("last_updated_timestamp", numeric=True, aliases=("timestamp",)),
    ),
    _prefixes("version", "tag"),
    frozenset(("attribute", "tag")),
)
