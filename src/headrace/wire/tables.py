"""Questions and answers of tables of runs beside their rows: values to choose from, groups."""

from typing import Annotated

from msgspec import Meta, field

from headrace.wire.tracking import Answer, Columns, Question, View


class ListValues(Question, frozen=True):
    """Values that runs have in a column (``params.model``, ``tags.team``, ``status``), for one to be chosen."""

    experiment_ids: list[str]
    column: str
    prefix: str = ""
    max_results: Annotated[int, Meta(ge=1, le=1_000)] = 20


class Values(Answer, frozen=True):
    """Each value once, in the order of their characters."""

    values: list[str] = field(default_factory=list)


class FindVariation(Question, frozen=True):
    """Asks which columns tell the runs apart that a filter finds."""

    experiment_ids: list[str]
    filter: str | None = None
    run_view_type: View = 1


class Variation(Answer, frozen=True):
    """Columns in which not all runs have the same value, and those in which all have; in others none has any."""

    varying: Columns = field(default_factory=Columns)
    constant: Columns = field(default_factory=Columns)


class GroupRuns(Question, frozen=True):
    """The runs that a filter finds, grouped by the values of some columns, with numbers of each group.

    ``by`` are params, tags, or the attributes that are text. ``columns`` are metrics, reduced to one
    number a run (``metrics.rmse``, ``min(metrics.rmse)``), or params as numbers (``number(params.lr)``).
    """

    experiment_ids: list[str]
    by: Annotated[list[str], Meta(min_length=1, max_length=8)]
    columns: Annotated[list[str], Meta(max_length=200)] = field(default_factory=list)
    filter: str | None = None
    run_view_type: View = 1
    max_results: Annotated[int, Meta(ge=1, le=10_000)] = 1_000


class Spread(Answer, frozen=True):
    """The finite values of a column among the runs of a group; no value at all is no `Spread`."""

    count: int
    mean: float
    min: float
    max: float
    std: float | None = None
    """The standard deviation of the sample (divided by n - 1); none for a single value."""


class RunGroup(Answer, frozen=True):
    """The runs that have the same values."""

    count: int
    values: list[str | None] = field(default_factory=list)
    """One for each column of ``by``; ``None`` where the runs have none."""
    spreads: list[Spread | None] = field(default_factory=list)
    """One for each column of ``columns``."""


class RunGroups(Answer, frozen=True):
    """The groups, the largest first."""

    groups: list[RunGroup] = field(default_factory=list)
    total: int = 0
    """How many groups there are; no more than were asked for are told."""
    runs: int = 0
    """How many runs match."""
