"""Questions and answers of tables of runs beside their rows: values to choose from, groups, their curves."""

from typing import Annotated, Literal

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


class BandMetrics(Question, frozen=True):
    """Curves of metrics, averaged over the runs of each group that `GroupRuns` would find.

    ``x`` is what the points stand over: the step, the seconds since a series' first point, or the
    time in milliseconds; ``x_metric_key`` puts another metric there, see `SampleMetrics`. The axis,
    or its part from ``start`` to ``end``, is cut into ``max_points`` stretches of equal length.
    """

    experiment_ids: list[str]
    by: Annotated[list[str], Meta(min_length=1, max_length=8)]
    metric_keys: Annotated[list[str], Meta(min_length=1, max_length=100)]
    filter: str | None = None
    run_view_type: View = 1
    x: Literal["step", "relative", "time"] = "step"
    x_metric_key: str | None = None
    start: float | None = None
    end: float | None = None
    max_points: Annotated[int, Meta(ge=2, le=5_000)] = 200
    max_groups: Annotated[int, Meta(ge=1, le=200)] = 24


class Band(Answer, frozen=True):
    """One metric of a group: in each stretch of the axis that has points, what its runs are like.

    A run counts with the mean of its finite points in the stretch; between two stretches where it
    has points, with the line between them.
    """

    metric_key: str
    values: list[str | None] = field(default_factory=list)
    """The group, see `RunGroup`."""
    count: int = 0
    """How many runs of the group have the metric."""
    drawn: int = 0
    """How many of these, the newest, the curves are made of."""
    x: list[float] = field(default_factory=list)
    runs: list[int] = field(default_factory=list)
    """How many runs each place of the curve is the mean of."""
    mean: list[float] = field(default_factory=list)
    min: list[float] = field(default_factory=list)
    max: list[float] = field(default_factory=list)
    std: list[float] = field(default_factory=list)
    """The standard deviation between the runs (divided by n - 1); 0 for one run."""


class MetricBands(Answer, frozen=True):
    """Bands by metric, within a metric the largest group first."""

    bands: list[Band] = field(default_factory=list)
    total: int = 0
    """How many groups there are; no more than were asked for are told."""
