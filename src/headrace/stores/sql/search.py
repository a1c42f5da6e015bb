"""Search: which runs, experiments, models and datasets match, and the page of them that was asked for."""

from collections.abc import Sequence
from typing import NamedTuple

from msgspec import Struct

from headrace.search.tree import Field, Node, Order
from headrace.stores.sql import listing
from headrace.stores.sql.matching import Leaf, Matching
from headrace.stores.sql.pages import Pages
from headrace.stores.sql.view import View


class RunSearch(Struct, frozen=True):
    """A page of the runs of some experiments."""

    experiments: Sequence[int]
    node: Node | None
    orders: Sequence[Order]
    stages: Sequence[int]
    """0 for active runs, 1 for deleted ones."""
    offset: int
    limit: int


class FoundRuns(NamedTuple):
    """The numbers of a page's runs in their order, and how many match in all."""

    numbers: list[int]
    total: int


def find_runs(view: View, wanted: RunSearch) -> list[int]:
    """The numbers of the page's runs in their exact order."""
    if not wanted.experiments or not wanted.stages:
        return []
    pages = Pages(Matching(view, wanted.experiments, wanted.stages))
    return pages.page(wanted.node, wanted.orders, wanted.offset, wanted.limit)


def count_runs(view: View, wanted: RunSearch) -> int:
    """How many runs match, whatever the page is."""
    if not wanted.experiments or not wanted.stages:
        return 0
    matching = Matching(view, wanted.experiments, wanted.stages)
    return matching.count(matching.part(wanted.node))


def find_and_count_runs(view: View, wanted: RunSearch) -> FoundRuns:
    """The page and the count, where one search serves both."""
    if not wanted.experiments or not wanted.stages:
        return FoundRuns([], 0)
    matching = Matching(view, wanted.experiments, wanted.stages)
    pages, part = Pages(matching), matching.part(wanted.node)
    if wanted.node is None or isinstance(part, Leaf):
        numbers = pages.page(wanted.node, wanted.orders, wanted.offset, wanted.limit)
        return FoundRuns(numbers, matching.count(part))
    known = matching.members(part)
    numbers = pages.page(wanted.node, wanted.orders, wanted.offset, wanted.limit, known)
    return FoundRuns(numbers, len(known))


class ExperimentSearch(Struct, frozen=True):
    """A page of experiments."""

    node: Node | None
    orders: Sequence[Order]
    stages: Sequence[int]
    offset: int
    limit: int


def find_experiments(view: View, wanted: ExperimentSearch) -> list[int]:
    """The numbers of the page's experiments, newest first unless ordered otherwise."""
    found = listing.Experiments(view)
    orders = [found.sorted_by(order.field, ascending=order.ascending) for order in wanted.orders]
    where = found.where(wanted.node, wanted.stages)
    return found.page(where, orders, wanted.offset, wanted.limit)


class ModelOrder(Struct, frozen=True):
    """One sort key; a metric's value may be that on one data set."""

    field: Field
    ascending: bool = True
    dataset_name: str | None = None
    dataset_digest: str | None = None


class ModelSearch(Struct, frozen=True):
    """A page of the active logged models of some experiments."""

    experiments: Sequence[int]
    node: Node | None
    orders: Sequence[ModelOrder]
    datasets: Sequence[tuple[str, str | None]]
    """The data sets (name, digest or any) on which the filter's metrics must be measured."""
    offset: int
    limit: int


def find_models(view: View, wanted: ModelSearch) -> list[int]:
    """The numbers of the page's models, newest first unless ordered otherwise."""
    if not wanted.experiments:
        return []
    found = listing.Models(view, wanted.datasets)
    orders = [
        listing.Models(view, [(order.dataset_name, order.dataset_digest)] if order.dataset_name else ())
        .sorted_by(order.field, ascending=order.ascending)
        for order in wanted.orders
    ]  # fmt: skip
    where = found.where_in(wanted.experiments, wanted.node)
    return found.page(where, orders, wanted.offset, wanted.limit)


class EvaluationSearch(Struct, frozen=True):
    """A page of the evaluation datasets of some experiments, or of all (``None``)."""

    experiments: Sequence[int] | None
    node: Node | None
    orders: Sequence[Order]
    offset: int
    limit: int


def find_evaluation_datasets(view: View, wanted: EvaluationSearch) -> list[int]:
    """The numbers of the page's datasets, newest first unless ordered otherwise."""
    found = listing.EvaluationDatasets(view)
    orders = [found.sorted_by(order.field, ascending=order.ascending) for order in wanted.orders]
    where = found.where(wanted.experiments, wanted.node)
    return found.page(where, orders, wanted.offset, wanted.limit)
