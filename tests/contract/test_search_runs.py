"""Random stores and random searches: every database finds what a plain reading of the tree finds."""

import math
import random
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from databases import KINDS, Databases
from headrace.entities import Dataset, DatasetInput, InputTag, Metric, Param, RunTag
from headrace.search.fields import RUNS
from headrace.search.parser import parse_filter, parse_order
from headrace.search.tree import And, Comparison, Field, Node, Not, Or, Order
from headrace.stores.sql import SqlStore, connect, search
from headrace.stores.sql.filters import LARGEST
from headrace.stores.sql.matching import Effort, Matching
from headrace.stores.sql.pages import Pages
from headrace.stores.sql.view import View
from headrace.wire import tracking as w

TEXTS = [
    "",
    "a",
    "A",
    "b",
    "ab",
    "a b",
    "10",
    "9",
    "0.5",
    "-3",
    "1e3",
    "nan",
    "é",
    "a%",
    "[x]",
    "a\\b",
]
TEXTS += [
    "a|b",
    "x" * 249,
    "x" * 250,
    "x" * 251,
    "x" * 250 + "A",
    "x" * 250 + "b",
    "o" * 600 + "end",
]
NUMBERS = [0.0, 1.0, 1.0, 1.0, 2.0, -1.5, 0.25, 1e300, math.nan, math.inf, -math.inf]
EPOCH = 1_700_000_000_000


@dataclass
class Known:
    """A run as the naive reading sees it."""

    run_id: str
    experiment_id: str
    attributes: dict[str, Any]
    deleted: bool
    params: dict[str, str] = field(default_factory=dict)
    tags: dict[str, str] = field(default_factory=dict)
    metrics: dict[str, list[tuple[int, int, float]]] = field(default_factory=dict)
    datasets: list[dict[str, str]] = field(default_factory=list)


class World:
    """A store with runs, and what was put in."""

    def __init__(self, store: SqlStore, runs: list[Known], experiments: list[str]) -> None:
        self.store, self.runs, self.experiments = store, runs, experiments

    def numbers(self, experiments: list[str]) -> list[int]:
        return [int(each) for each in experiments]


def filled(store: SqlStore, seed: int, size: int) -> World:
    chance = random.Random(seed)
    experiments = [
        store.create_experiment(w.CreateExperiment(name)).experiment_id
        for name in ("one", "two", "three")
    ]
    runs = [made(store, chance, experiments, number) for number in range(size)]
    return World(store, runs, experiments)


def made(store: SqlStore, chance: random.Random, experiments: list[str], number: int) -> Known:
    experiment = chance.choices(experiments, (6, 2, 2))[0]
    run_id = f"{chance.getrandbits(64):016x}"
    start = EPOCH + chance.choice([0, 0, 1, 2, number])
    name = chance.choice(["alpha", "beta", "Alpha", "run é"])
    user = chance.choice(["ada", "bob", ""])
    parent = chance.choice([None, None, "f" * 32])
    question = w.CreateRun(experiment, user, name, start, [], run_id)
    store.create_run(question)
    tags = {key: chance.choice(TEXTS) for key in ("t", "u") if chance.random() < 0.6}
    if parent:
        tags["mlflow.parentRunId"] = parent
    params = {key: chance.choice(TEXTS) for key in ("p", "q", "a b") if chance.random() < 0.7}
    metrics = {key: series(chance) for key in ("m", "n", "a/b") if chance.random() < 0.7}
    points = [
        Metric(key, value, time, step)
        for key, some in metrics.items()
        for step, time, value in some
    ]
    store.log_batch(
        w.LogBatch(
            run_id,
            points,
            [Param(key, value) for key, value in params.items()],
            [RunTag(key, value) for key, value in tags.items()],
        )
    )
    datasets = some_datasets(store, chance, run_id)
    status, end = ended(store, chance, run_id, start)
    deleted = chance.random() < 0.15 and experiment != experiments[2]
    if deleted:
        store.delete_run(w.DeleteRun(run_id))
    uri = store.get_run(w.GetRun(run_id)).run.info.artifact_uri
    attributes = {
        "run_id": run_id,
        "run_name": name,
        "status": status,
        "start_time": start,
        "end_time": end,
        "duration": None if end is None else end - start,
        "user_id": user,
        "artifact_uri": uri,
        "experiment_id": experiment,
        "parent_run_id": parent,
    }
    tags["mlflow.runName"] = name
    return Known(run_id, experiment, attributes, deleted, params, tags, metrics, datasets)


def series(chance: random.Random) -> list[tuple[int, int, float]]:
    length = chance.choice([1, 1, 3])
    return [(step, EPOCH + step, chance.choice(NUMBERS)) for step in range(length)]


def ended(
    store: SqlStore, chance: random.Random, run_id: str, start: int
) -> tuple[str, int | None]:
    if chance.random() < 0.3:
        return "RUNNING", None
    status, end = chance.choice(["FINISHED", "FAILED"]), start + chance.choice([0, 5, 1000])
    store.update_run(w.UpdateRun(run_id, status, end))  # type: ignore[arg-type]
    return status, end


def some_datasets(store: SqlStore, chance: random.Random, run_id: str) -> list[dict[str, str]]:
    chosen = [
        {"name": name, "digest": "d1", "context": chance.choice(["train", "eval"])}
        for name in ("iris", "Wine")
        if chance.random() < 0.3
    ]
    inputs = [
        DatasetInput(
            Dataset(each["name"], each["digest"], "local", "x"),
            [InputTag("mlflow.data.context", each["context"])],
        )
        for each in chosen
    ]
    if inputs:
        store.log_inputs(w.LogInputs(run_id, inputs))
    return chosen


@pytest.fixture(scope="module", params=KINDS)
def world(request: pytest.FixtureRequest, databases: Databases) -> Iterator[World]:
    store = connect(databases.new(request.param))
    yield filled(store, seed=7, size=90)
    store.close()


# The plain reading of a tree


def finite(value: float) -> float:
    return math.copysign(LARGEST, value) if math.isinf(value) else value


def reduced(points: list[tuple[int, int, float]], reduction: str) -> float:
    values = [finite(value) for _, _, value in points]
    numbers = [value for value in values if not math.isnan(value)]
    whole = [value for value in numbers if abs(value) < LARGEST]
    return {
        "last": lambda: values[-1],
        "first": lambda: values[0],
        "min": lambda: min(numbers, default=math.nan),
        "max": lambda: max(numbers, default=math.nan),
        "mean": lambda: sum(whole) / len(whole) if whole else math.nan,
        "count": lambda: float(len(values)),
    }[reduction]()


def as_number(text: str) -> float | None:
    found = re.fullmatch(r"[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?", text, re.IGNORECASE)
    return float(text) if found else None


def values_of(run: Known, of: Field) -> list[Any]:
    """What the run has of a field; only datasets have several."""
    if of.kind == "attribute":
        found = run.attributes[of.key]
        return [] if found is None else [found]
    if of.kind == "dataset":
        return [each[of.key] for each in run.datasets]
    if of.kind == "metric":
        return [reduced(run.metrics[of.key], of.reduction)] if of.key in run.metrics else []
    text = (run.params if of.kind == "param" else run.tags).get(of.key)
    if text is None:
        return []
    number = as_number(text) if of.numeric else None
    return [text] if not of.numeric else [] if number is None else [number]


def like(text: str, pattern: str) -> bool:
    parts = {"%": ".*", "_": "."}
    expression = "".join(parts.get(sign, re.escape(sign)) for sign in pattern)
    return re.fullmatch(expression, text, re.DOTALL) is not None


HOLDS: dict[str, Callable[[Any, tuple[Any, ...]], bool]] = {
    "=": lambda value, given: value == given[0],
    "!=": lambda value, given: value != given[0],
    "<": lambda value, given: value < given[0],
    "<=": lambda value, given: value <= given[0],
    ">": lambda value, given: value > given[0],
    ">=": lambda value, given: value >= given[0],
    "IN": lambda value, given: value in given,
    "NOT IN": lambda value, given: value not in given,
    "BETWEEN": lambda value, given: given[0] <= value <= given[1],
    "NOT BETWEEN": lambda value, given: not given[0] <= value <= given[1],
    "LIKE": lambda value, given: like(value, given[0]),
    "NOT LIKE": lambda value, given: not like(value, given[0]),
    "ILIKE": lambda value, given: like(value.lower(), given[0].lower()),
    "NOT ILIKE": lambda value, given: not like(value.lower(), given[0].lower()),
}


def matches(run: Known, node: Node | None) -> bool:
    match node:
        case None:
            return True
        case And(parts):
            return all(matches(run, each) for each in parts)
        case Or(parts):
            return any(matches(run, each) for each in parts)
        case Not(part):
            return not matches(run, part)
        case Comparison(of, "IS NULL", _):
            return not values_of(run, of)
        case Comparison(of, "IS NOT NULL", _):
            return bool(values_of(run, of))
    given = tuple(finite(each) if isinstance(each, float) else each for each in node.values)
    return any(HOLDS[node.op](value, given) for value in values_of(run, node.field))


def in_order(runs: list[Known], orders: tuple[Order, ...]) -> list[Known]:
    runs = sorted(runs, key=lambda run: (-run.attributes["start_time"], run.run_id))
    for order in reversed(orders):
        values = {run.run_id: (values_of(run, order.field) or [None])[0] for run in runs}
        numbers, rest = [], []
        for run in runs:
            value = values[run.run_id]
            there = value is not None and value == value
            (numbers if there else rest).append(run)
        numbers.sort(key=lambda run: values[run.run_id], reverse=not order.ascending)
        rest.sort(key=lambda run: values[run.run_id] is None)
        runs = numbers + rest
    return runs


# Random questions


def quoted(text: str) -> str:
    return "'" + text.replace("'", "''") + "'"


NUMERIC_FIELDS = ["metrics.m", "metrics.n", "metrics.`a/b`", "metrics.nowhere"]
NUMERIC_FIELDS += [
    f"{name}(metrics.{key})" for name in ("min", "max", "first", "mean", "count") for key in "mn"
]
NUMERIC_FIELDS += ["params.p", "params.q", "tags.t", "start_time", "end_time", "duration"]
TEXT_FIELDS = [
    "params.p",
    "params.q",
    "params.`a b`",
    "tags.t",
    "tags.u",
    "tags.nowhere",
    "run_name",
]
TEXT_FIELDS += ["status", "user_id", "artifact_uri", "experiment_id", "parent_run_id", "run_id"]
TEXT_FIELDS += ["datasets.name", "datasets.context", "datasets.digest"]
PATTERNS = [
    "%",
    "a%",
    "%a%",
    "_",
    "A_",
    "%b",
    "",
    "[x]",
    "a\\%",
    "a|_",
    "FIN%",
    "xx%",
    "%end",
    "x%A",
    "train",
    "i%",
    "é",
]
SOME_TEXTS = [
    *TEXTS,
    "alpha",
    "FINISHED",
    "RUNNING",
    "ada",
    "f" * 32,
    "iris",
    "Wine",
    "train",
    "bogus",
]
SOME_NUMBERS = [
    "0",
    "1",
    "2",
    "-1.5",
    "0.25",
    "1e300",
    "inf",
    "-inf",
    "9.5",
    str(EPOCH + 1),
    "5",
    "1e999",
]


@st.composite
def comparisons(draw: st.DrawFn) -> str:
    if draw(st.booleans()):
        name, values = draw(st.sampled_from(NUMERIC_FIELDS)), st.sampled_from(SOME_NUMBERS)
        signs = ["=", "!=", "<", "<=", ">", ">=", "IN", "NOT IN", "BETWEEN", "NOT BETWEEN"]
    else:
        name, values = draw(st.sampled_from(TEXT_FIELDS)), st.sampled_from(SOME_TEXTS).map(quoted)
        signs = ["=", "!=", "IN", "NOT IN", "LIKE", "ILIKE", "NOT LIKE", "NOT ILIKE", "RANGE"]
    sign = draw(st.sampled_from([*signs, "IS NULL", "IS NOT NULL"]))
    if sign.startswith("IS"):
        return f"{name} {sign}"
    if sign.endswith("IN"):
        return f"{name} {sign} ({', '.join(draw(st.lists(values, min_size=1, max_size=3)))})"
    if sign.endswith("BETWEEN"):
        return f"{name} {sign} {draw(values)} AND {draw(values)}"
    if sign.endswith("LIKE"):
        return f"{name} {sign} {quoted(draw(st.sampled_from(PATTERNS)))}"
    if sign == "RANGE":
        limit = draw(st.sampled_from(["a", "b", "x" * 250, "x" * 250 + "a", "f"]))
        return f"{name} {draw(st.sampled_from(['<', '<=', '>', '>=']))} {quoted(limit)}"
    return f"{name} {sign} {draw(values)}"


def joined(parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.one_of(
        st.lists(parts, min_size=2, max_size=3).map(lambda each: "(" + " AND ".join(each) + ")"),
        st.lists(parts, min_size=2, max_size=3).map(lambda each: "(" + " OR ".join(each) + ")"),
        parts.map(lambda each: f"NOT ({each})"),
    )


FILTERS = st.one_of(st.just(""), st.recursive(comparisons(), joined, max_leaves=5))
ORDER_FIELDS = [name for name in NUMERIC_FIELDS + TEXT_FIELDS if not name.startswith("datasets")]
ORDER_FIELDS += ["number(params.p)", "number(tags.t)"]
ORDERS = st.lists(
    st.tuples(st.sampled_from(ORDER_FIELDS), st.sampled_from(["", " ASC", " DESC"])),
    max_size=3,
    unique_by=lambda pair: pair[0],
).map(lambda pairs: ["".join(pair) for pair in pairs])
# From what a user's store gets to what makes every way of looking be taken with a few runs.
EFFORTS = st.builds(
    Effort,
    few_entries=st.sampled_from([0, 10, 16_000]),
    look_ups=st.sampled_from([0, 20, 4_000]),
    first_stretch=st.sampled_from([1, 2, 7, 500]),
    sorted_stretch=st.sampled_from([1, 3, 5_000]),
    jump=st.sampled_from([1, 2_000]),
    most_parts=st.sampled_from([1, 8]),
)


@settings(
    max_examples=120,
    deadline=None,
    derandomize=True,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(
    filter_text=FILTERS,
    order_by=ORDERS,
    effort=EFFORTS,
    stages=st.sampled_from([(0,), (1,), (0, 1)]),
    experiments=st.sampled_from([[0], [0, 1], [2], [0, 1, 2]]),
    window=st.sampled_from([(0, 5), (0, 1000), (3, 4), (20, 10), (88, 7), (10**30, 7)]),
)
def test_a_search_finds_what_a_plain_reading_finds(
    world: World,
    filter_text: str,
    order_by: list[str],
    effort: Effort,
    stages: tuple[int, ...],
    experiments: list[int],
    window: tuple[int, int],
) -> None:
    node, orders = parse_filter(filter_text, RUNS), parse_order(order_by, RUNS)
    ids = [world.experiments[index] for index in experiments]
    wanted = [
        run
        for run in world.runs
        if run.experiment_id in ids and int(run.deleted) in stages and matches(run, node)
    ]
    expected = [run.run_id for run in in_order(wanted, orders)]
    offset, limit = window
    names = names_by_number(world.store)

    def look(view: View) -> tuple[list[int], int, Any]:
        pages = Pages(Matching(view, world.numbers(ids), stages), effort)
        question = search.RunSearch(world.numbers(ids), node, orders, stages, offset, limit)
        found = pages.page(node, orders, offset, limit)
        return found, search.count_runs(view, question), search.find_and_count_runs(view, question)

    numbers, total, both = world.store.read(look)
    page = expected[offset : offset + limit]
    assert [names[number] for number in numbers] == page
    assert total == len(expected)
    assert ([names[number] for number in both.numbers], both.total) == (page, total)


def names_by_number(store: SqlStore) -> dict[int, str]:
    return dict(store.read(lambda view: view.fetch("SELECT id, run_id FROM runs")))


LONG = "x" * 250
PLAIN = [
    f"params.p {op} '{LONG}{rest}'"
    for op in ("=", "!=", "<", "<=", ">", ">=")
    for rest in ("", "A", "a", "b")
]
PLAIN += [f"tags.t IN ('{LONG}b', 'a', '10')", f"tags.t NOT BETWEEN 'a' AND '{LONG}A'"]
PLAIN += [
    f"params.p {op} '{pattern}'"
    for op in ("LIKE", "NOT LIKE", "ILIKE", "NOT ILIKE")
    for pattern in (
        "[x]",
        "[_]",
        "a%",
        "a|_",
        "a\\_",
        "a\\%",
        "%A",
        "x%b",
        "%end",
        "1_",
        "é",
        "*",
        "?",
    )
]


@pytest.mark.parametrize("filter_text", PLAIN)
def test_each_kind_of_text_is_compared_sign_by_sign(world: World, filter_text: str) -> None:
    node = parse_filter(filter_text, RUNS)
    wanted = [run for run in world.runs if not run.deleted and matches(run, node)]
    question = w.SearchRuns(world.experiments, filter_text)
    found = {run.info.run_id for run in world.store.search_runs(question).runs}
    assert found == {run.run_id for run in wanted}


JUMPS = [
    [],
    ["start_time"],
    ["metrics.m"],
    ["metrics.m DESC"],
    ["params.p", "metrics.n"],
    ["status"],
]
JUMPS += [["number(params.p) DESC"], ["max(metrics.m)"], ["duration DESC"], ["parent_run_id"]]


@pytest.mark.parametrize("order_by", JUMPS)
def test_a_page_from_anywhere_is_the_part_of_the_whole_that_is_there(
    world: World, order_by: list[str]
) -> None:
    last = world.experiments[2]
    runs = [run for run in world.runs if run.experiment_id == last]
    orders = parse_order(order_by, RUNS)
    expected = [run.run_id for run in in_order(runs, orders)]
    names = names_by_number(world.store)

    def look(view: View, offset: int) -> list[int]:
        pages = Pages(Matching(view, [int(last)], (0,)), Effort(jump=1))
        return pages.page(None, orders, offset, 3)

    for offset in range(len(expected) + 2):
        numbers = world.store.read(lambda view, offset=offset: look(view, offset))
        assert [names[number] for number in numbers] == expected[offset : offset + 3]


@pytest.mark.parametrize("order_by", [[], ["metrics.m DESC"], ["params.p", "start_time ASC"]])
def test_pages_follow_one_another_without_gap_or_repeat(world: World, order_by: list[str]) -> None:
    found: list[str] = []
    token: str | None = None
    while token is not None or not found:
        question = w.SearchRuns(world.experiments, "NOT params.q = 'a'", 1, 7, order_by, token)
        answer = world.store.search_runs(question)
        found += [run.info.run_id for run in answer.runs]
        token = answer.next_page_token
    node = parse_filter("NOT params.q = 'a'", RUNS)
    wanted = [run for run in world.runs if not run.deleted and matches(run, node)]
    assert found == [run.run_id for run in in_order(wanted, parse_order(order_by, RUNS))]


def test_no_experiment_has_no_runs(world: World) -> None:
    assert world.store.search_runs(w.SearchRuns([])).runs == []
    assert world.store.search_runs(w.SearchRuns(["123"], "metrics.m > 0")).runs == []
