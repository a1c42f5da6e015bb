"""The search language: what parses, to which tree, and what an error shows."""

import contextlib
import math
import re
import sys
from collections.abc import Iterator
from types import FrameType

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from headrace.errors import InvalidValueError
from headrace.search import lexer
from headrace.search.fields import EXPERIMENTS, LOGGED_MODELS, RUNS, Searchable
from headrace.search.lexer import MAX_LENGTH
from headrace.search.parser import (
    MAX_COMPARISONS,
    MAX_DEPTH,
    MAX_ORDERS,
    MAX_VALUES,
    parse_field,
    parse_filter,
    parse_order,
)
from headrace.search.tree import And, Comparison, Field, Node, Not, Or, Order

RMSE = Field("metric", "rmse", numeric=True)
MODEL = Field("param", "model")


def metric(key: str, op: str, *values: float) -> Comparison:
    return Comparison(Field("metric", key, numeric=True), op, values)  # type: ignore[arg-type]


def text(kind: str, key: str, op: str, *values: str) -> Comparison:
    return Comparison(Field(kind, key), op, values)  # type: ignore[arg-type]


A, B, C = (metric(key, ">", 1.0) for key in "abc")


# What MLflow's own grammar accepts, and the meaning that it has there.
MLFLOW_RUNS: dict[str, Node] = {
    "metrics.a > 1": A,
    "metric.a>1": A,
    " metrics.a\n>\n1 ": A,
    "metrics.a > 1 and": A,
    "and metrics.a > 1": A,
    "and AND metrics.a > 1": A,
    "metrics.a > 1 AND metrics.b > 1": And((A, B)),
    "metrics.a > 1 and and metrics.b > 1": And((A, B)),
    "metrics.a > 1 metrics.b > 1": And((A, B)),
    "metrics.a > -1": metric("a", ">", -1.0),
    "metrics.a > .5": metric("a", ">", 0.5),
    "metrics.a > 1.": A,
    "metrics.a >= 1e5": metric("a", ">=", 1e5),
    "metrics.a. > 1": metric("a.", ">", 1.0),
    "metrics..a > 1": metric(".a", ">", 1.0),
    "metrics.2x > 1": metric("2x", ">", 1.0),
    "metrics.min > 1": metric("min", ">", 1.0),
    "metrics.count > 1": metric("count", ">", 1.0),
    "metrics.`a > 1` > 1": metric("a > 1", ">", 1.0),
    "params.a = 'x'": text("param", "a", "=", "x"),
    'param.a = "x"': text("param", "a", "=", "x"),
    "parameter.a='x'": text("param", "a", "=", "x"),
    "parameters.a='x'": text("param", "a", "=", "x"),
    "params.a = ''": text("param", "a", "=", ""),
    'params.a = "it\'s"': text("param", "a", "=", "it's"),
    'params."a b" = "x"': text("param", "a b", "=", "x"),
    "params.`a b` = 'x'": text("param", "a b", "=", "x"),
    "params.and = 'x'": text("param", "and", "=", "x"),
    "params.like like 'x%'": text("param", "like", "LIKE", "x%"),
    "params.a ILike 'x'": text("param", "a", "ILIKE", "x"),
    "params.a not like 'x'": text("param", "a", "NOT LIKE", "x"),
    "params.a is null": text("param", "a", "IS NULL"),
    "params.a IS NOT NULL": text("param", "a", "IS NOT NULL"),
    "tags.mlflow.source.name = 'x'": text("tag", "mlflow.source.name", "=", "x"),
    "tag.`mlflow.parentRunId` != 'x'": text("tag", "mlflow.parentRunId", "!=", "x"),
    "tags.é = 'x'": text("tag", "é", "=", "x"),
    "run_id in ('a')": text("attribute", "run_id", "IN", "a"),
    "run_id in ('a',)": text("attribute", "run_id", "IN", "a"),
    "run_id NOT  IN ('a', \"b\")": text("attribute", "run_id", "NOT IN", "a", "b"),
    "attributes.'status' = 'x'": text("attribute", "status", "=", "x"),
    "attribute.status = 'x'": text("attribute", "status", "=", "x"),
    "attr.`status` = 'x'": text("attribute", "status", "=", "x"),
    "run.run_name = 'x'": text("attribute", "run_name", "=", "x"),
    "`Run name` = 'x'": text("attribute", "run_name", "=", "x"),
    '"run name" = "x"': text("attribute", "run_name", "=", "x"),
    "artifact_uri LIKE '%x'": text("attribute", "artifact_uri", "LIKE", "%x"),
    "attr.Created > 1": Comparison(Field("attribute", "start_time", numeric=True), ">", (1,)),
    "start_time > 1.5": Comparison(Field("attribute", "start_time", numeric=True), ">", (1.5,)),
    "end_time = 0": Comparison(Field("attribute", "end_time", numeric=True), "=", (0,)),
    "dataset.name in ('a', 'b')": text("dataset", "name", "IN", "a", "b"),
    "datasets.context like '%a'": text("dataset", "context", "LIKE", "%a"),
    "dataset.digest != 'a'": text("dataset", "digest", "!=", "a"),
}


@pytest.mark.parametrize(("given_text", "tree"), MLFLOW_RUNS.items())
def test_what_mlflow_accepts_means_the_same(given_text: str, tree: Node) -> None:
    assert parse_filter(given_text, RUNS) == tree


NUMERIC_LR = Field("param", "lr", numeric=True)

BEYOND: dict[str, Node] = {
    'metrics.rmse < 1 and params.model = "tree"': And(
        (metric("rmse", "<", 1.0), text("param", "model", "=", "tree"))
    ),
    "metrics.a > 1 OR metrics.b > 1": Or((A, B)),
    "metrics.a > 1 OR metrics.b > 1 AND metrics.c > 1": Or((A, And((B, C)))),
    "(metrics.a > 1 OR metrics.b > 1) metrics.c > 1": And((Or((A, B)), C)),
    "NOT metrics.a > 1 AND metrics.b > 1": And((Not(A), B)),
    "not (metrics.a > 1 or metrics.b > 1)": Not(Or((A, B))),
    "NOT NOT metrics.a > 1": Not(Not(A)),
    "(metrics.a > 1 AND (metrics.b > 1 AND metrics.c > 1))": And((A, B, C)),
    "(metrics.a > 1 OR metrics.b > 1) OR metrics.c > 1": Or((A, B, C)),
    "metrics.a > 1 AND(metrics.b > 1)": And((A, B)),
    "metrics.a/b-c:d > 1": metric("a/b-c:d", ">", 1.0),
    "metrics.a<-1": metric("a", "<", -1.0),
    "`metrics.a` > +1": A,
    "METRICS.a > 1": A,
    "metrics.a IN (1, 2)": metric("a", "IN", 1.0, 2.0),
    "metrics.a NOT BETWEEN -1 AND 1e-3 AND metrics.b > 1": And(
        (metric("a", "NOT BETWEEN", -1.0, 0.001), B)
    ),
    "metrics.a IS NULL": metric("a", "IS NULL"),
    "metrics.a < -inf": metric("a", "<", -math.inf),
    "metrics.a != nan": metric("a", "BETWEEN", -math.inf, math.inf),
    "metrics.a = NaN": And(
        (metric("a", "IS NOT NULL"), Not(metric("a", "BETWEEN", -math.inf, math.inf)))
    ),
    "min(metrics.a) < 1": Comparison(Field("metric", "a", "min", numeric=True), "<", (1.0,)),
    "COUNT ( metrics.`a b` ) = 3": Comparison(
        Field("metric", "a b", "count", numeric=True), "=", (3.0,)
    ),
    "last(metrics.a) > 1": A,
    "params.lr < 0.1": Comparison(NUMERIC_LR, "<", (0.1,)),
    "params.lr = 0.1": Comparison(NUMERIC_LR, "=", (0.1,)),
    "params.lr IN (1, 0.1)": Comparison(NUMERIC_LR, "IN", (1.0, 0.1)),
    "params.lr BETWEEN 0 AND 1": Comparison(NUMERIC_LR, "BETWEEN", (0.0, 1.0)),
    "number(params.lr) IS NULL": Comparison(NUMERIC_LR, "IS NULL", ()),
    "tags.day BETWEEN '2024-01-01' AND '2024-12-31'": text(
        "tag", "day", "BETWEEN", "2024-01-01", "2024-12-31"
    ),
    "tags.day > 'monday'": text("tag", "day", ">", "monday"),
    "params.a = 'it''s'": text("param", "a", "=", "it's"),
    "params.a = 'C:\\'": text("param", "a", "=", "C:\\"),
    "experiment_id = '1'": text("attribute", "experiment_id", "=", "1"),
    "duration > 60000": Comparison(Field("attribute", "duration", numeric=True), ">", (60000,)),
    "parent_run_id IS NULL": text("attribute", "parent_run_id", "IS NULL"),
    "datasets.name IS NULL": text("dataset", "name", "IS NULL"),
}


@pytest.mark.parametrize(("given_text", "tree"), BEYOND.items())
def test_what_goes_beyond_mlflow_has_its_tree(given_text: str, tree: Node) -> None:
    assert parse_filter(given_text, RUNS) == tree


@pytest.mark.parametrize("nothing", ["", None])
def test_no_text_matches_everything(nothing: str | None) -> None:
    assert parse_filter(nothing, RUNS) is None


def test_experiments_and_models_have_their_own_fields() -> None:
    created = Field("attribute", "creation_time", numeric=True)
    assert parse_filter("creation_time > 5", EXPERIMENTS) == Comparison(created, ">", (5,))
    assert parse_filter("attribute.name LIKE 'x%'", EXPERIMENTS) == text(
        "attribute", "name", "LIKE", "x%"
    )
    assert parse_filter("tag.a is null", EXPERIMENTS) == text("tag", "a", "IS NULL")
    stamp = Field("attribute", "creation_timestamp_ms", numeric=True)
    for alias in ("creation_time", "creation_timestamp", "attributes.creation_timestamp_ms"):
        assert parse_filter(f"{alias} = 5", LOGGED_MODELS) == Comparison(stamp, "=", (5,))
    ready = text("attribute", "status", "=", "READY")
    assert parse_filter("status = 'READY'", LOGGED_MODELS) == ready
    assert parse_filter('status = "READY"', LOGGED_MODELS) == ready
    assert parse_filter("status = READY AND metrics.a > 1", LOGGED_MODELS) == And((ready, A))


# text, the position shown, a part of the message
FAULTS = [
    ("  ", 3, "expected a field of runs"),
    ("metrics.a", 10, "expected =, !=, <"),
    ("metrics.a >", 12, "expected a number; the filter ends here"),
    ("metrics.a > '1'", 13, "expected a number without quotes"),
    ("metrics.a > x", 13, "expected a number; found x"),
    ("metrics.a > 1and metrics.b > 1", 13, "'1and' is no number"),
    ("metrics.a > 0x10", 13, "'0x10' is no number"),
    ("metrics.a == 1", 11, "write =."),
    ("metrics.a <> 1", 11, "write !=."),
    ("metrics.a > 1;", 14, "';' has no meaning"),
    ("metrics.a > 1 OR", 17, "expected a field"),
    ("OR metrics.a > 1", 1, "expected a field of runs"),
    ("metrics.a > 1 OR AND metrics.b > 1", 18, "expected a field of runs"),
    ("(metrics.a > 1", 15, "expected AND, OR or )"),
    ("metrics.a > 1)", 14, "expected AND, OR or the end"),
    ("()", 2, "expected a field"),
    ("metrics. > 1", 9, "expected a key after 'metrics.'"),
    ("metrics.`` > 1", 1, "the key is empty"),
    ("metrics.a LIKE 'x'", 16, "LIKE compares text"),
    ("metrics.a > nan", 13, "use = or !="),
    ("metrics.a IS 1", 14, "expected NULL or NOT NULL"),
    ("metrics.a NOT 1", 15, "expected IN, LIKE, ILIKE or BETWEEN"),
    ("metrics.a IN 1", 14, "expected ("),
    ("metrics.a IN ()", 15, "expected a number"),
    ("metrics.a IN (1 2)", 17, "expected , or )"),
    ("metrics.a BETWEEN 1", 20, "expected AND and the upper end"),
    ("params.a IN (1, 'x')", 17, "all numbers, or all text"),
    ("params.a BETWEEN 'x' AND 1", 26, "all numbers, or all text"),
    ("params.a BETWEEN '0' AND '1'", 18, "no quotes"),
    ("params.a < '0.1'", 12, "no quotes: 0.1"),
    ("params.a = x", 12, "text stands in quotes"),
    ("params.a = `x`", 12, "expected a value in quotes or a number"),
    ("params.a = 'x", 12, "not closed"),
    ("params.`a = 'x'", 8, "not closed"),
    ("params.a LIKE 5", 15, "a pattern in quotes"),
    ("run_id = 5", 10, "put the value in quotes: '5'"),
    ("status LIKE running", 13, "a pattern in quotes"),
    ("lifecycle_stage = 'active'", 1, "no attribute 'lifecycle_stage'"),
    ("strat_time > 5", 1, "Did you mean start_time or metrics.strat_time"),
    ("lr < 0.1", 1, "Did you mean metrics.lr or params.lr or tags.lr?"),
    ("attributes.stauts = 'x'", 1, "Did you mean status?"),
    ("dataset.digset = 'x'", 1, "Did you mean digest?"),
    ("metrcs.a > 1", 1, "Did you mean metrics.a?"),
    ("zzz.a > 1", 1, "runs have no 'zzz.' fields. Known are metrics.<key>"),
    ("mni(metrics.a) > 1", 1, "Did you mean min?"),
    ("median(metrics.a) > 1", 1, "no function 'median'"),
    ("min(params.a) > 1", 5, "min() takes a metric"),
    ("number(metrics.a) > 1", 8, "number() takes a param or tag"),
    ("min(max(metrics.a)) > 1", 5, "min() takes a metric"),
    ("min(metrics.a > 1", 15, "expected )"),
    ("1 < metrics.a", 1, "expected a field"),
    ("params.a = '\0'", 13, "U+0000"),
    ("params.`\ud800` = 'x'", 9, "U+D800"),
]


@pytest.mark.parametrize(("given_text", "position", "message"), FAULTS)
def test_an_error_shows_the_place_and_what_fits(
    given_text: str, position: int, message: str
) -> None:
    with pytest.raises(InvalidValueError) as caught:
        parse_filter(given_text, RUNS)
    first, shown, caret = str(caught.value).split("\n")
    assert message in first
    assert f"position {position}:" in first
    assert shown == "  " + "".join(c if c.isprintable() else " " for c in given_text)
    assert caret == " " * (position + 1) + "^"


def test_the_error_of_a_long_text_shows_the_part_around_the_fault() -> None:
    clauses = " AND ".join(["metrics.a > 1"] * 40)
    with pytest.raises(InvalidValueError) as caught:
        parse_filter(f"{clauses}\nAND oops > 1 AND {clauses}", RUNS)
    _, shown, caret = str(caught.value).split("\n")
    assert len(shown) < 140
    assert shown[caret.index("^") :].startswith("oops > 1")


def test_an_unknown_status_of_a_model_is_refused_with_those_there_are() -> None:
    with pytest.raises(InvalidValueError, match="one of UNSPECIFIED, PENDING, READY, FAILED"):
        parse_filter("status = 'DONE'", LOGGED_MODELS)
    assert parse_filter("status LIKE 'R%'", LOGGED_MODELS) == text(
        "attribute", "status", "LIKE", "R%"
    )


def order(kind: str, key: str, *, ascending: bool = True) -> Order:
    return Order(Field(kind, key, numeric=kind == "metric"), ascending)  # type: ignore[arg-type]


ORDERS = {
    "metrics.a": order("metric", "a"),
    "  metrics.a  DESC ": order("metric", "a", ascending=False),
    "metric.a asc": order("metric", "a"),
    "metrics.min desc": order("metric", "min", ascending=False),
    "`metrics.a b` desc": order("metric", "a b", ascending=False),
    '"metrics.a" DESC': order("metric", "a", ascending=False),
    "metrics.'a b'": order("metric", "a b"),
    "params.order asc": order("param", "order"),
    "tags.mlflow.runName": order("tag", "mlflow.runName"),
    "attr.status": order("attribute", "status"),
    "Created DESC": Order(Field("attribute", "start_time", numeric=True), ascending=False),
    "min(metrics.a) DESC": Order(Field("metric", "a", "min", numeric=True), ascending=False),
    "number(params.lr)": Order(NUMERIC_LR),
}


@pytest.mark.parametrize(("given_text", "expected"), ORDERS.items())
def test_an_order_is_a_field_and_a_direction(given_text: str, expected: Order) -> None:
    assert parse_order([given_text], RUNS) == (expected,)


@pytest.mark.parametrize(
    ("given_text", "message"),
    [
        ("", "expected a field of runs"),
        ("metrics.a foo", "expected ASC, DESC or the end"),
        ("metrics.a, metrics.b", "expected ASC, DESC or the end"),
        ("metrics.a DESC DESC", "expected ASC, DESC or the end"),
        ("dataset.name", "cannot be ordered by a dataset field"),
        ("strat_time", "Did you mean start_time"),
        ("DESC", "expected a field"),
    ],
)
def test_a_bad_order_is_refused(given_text: str, message: str) -> None:
    with pytest.raises(InvalidValueError, match=message):
        parse_order([given_text], RUNS)


@pytest.mark.parametrize("twice", [["metrics.a", "metric.`a` DESC"], ["created", "start_time"]])
def test_an_order_that_names_a_field_twice_is_refused(twice: list[str]) -> None:
    with pytest.raises(InvalidValueError, match="twice"):
        parse_order(twice, RUNS)


def test_reductions_of_one_metric_are_different_fields_to_an_order() -> None:
    assert len(parse_order(["metrics.a", "min(metrics.a)", "max(metrics.a) DESC"], RUNS)) == 3


def test_a_column_is_a_field() -> None:
    assert parse_field("min(metrics.loss)", RUNS) == Field("metric", "loss", "min", numeric=True)
    assert parse_field("tags.team", RUNS) == Field("tag", "team")
    with pytest.raises(InvalidValueError, match="expected the end"):
        parse_field("tags.team DESC", RUNS)


CLAUSE = "metrics.a > 1"
LIMITS = {
    "depth": ("(" * MAX_DEPTH + CLAUSE + ")" * MAX_DEPTH, "(" * 5000 + CLAUSE, "levels deep"),
    "negations": ("NOT " * MAX_DEPTH + CLAUSE, "NOT " * 5000 + CLAUSE, "levels deep"),
    "comparisons": (
        " OR ".join([CLAUSE] * MAX_COMPARISONS),
        " OR ".join([CLAUSE] * (MAX_COMPARISONS + 1)),
        "comparisons",
    ),
    "values": (
        f"metrics.a IN ({','.join(['1'] * MAX_VALUES)})",
        f"metrics.a IN ({','.join(['1'] * (MAX_VALUES + 1))})",
        "values",
    ),
    "length": (CLAUSE.ljust(MAX_LENGTH), CLAUSE.ljust(MAX_LENGTH + 1), "characters"),
}


@pytest.mark.parametrize(("within", "beyond", "message"), LIMITS.values(), ids=LIMITS)
def test_each_limit_holds_exactly(within: str, beyond: str, message: str) -> None:
    assert parse_filter(within, RUNS) is not None
    with pytest.raises(InvalidValueError, match=message):
        parse_filter(beyond, RUNS)


def test_the_number_of_orders_is_limited() -> None:
    assert len(parse_order([f"metrics.m{n}" for n in range(MAX_ORDERS)], RUNS)) == MAX_ORDERS
    with pytest.raises(InvalidValueError, match="at most 50"):
        parse_order([f"metrics.m{n}" for n in range(MAX_ORDERS + 1)], RUNS)


def test_a_number_of_any_length_is_read() -> None:
    assert parse_filter(f"metrics.a < {'9' * 9000}", RUNS) == metric("a", "<", math.inf)
    start = Field("attribute", "start_time", numeric=True)
    assert parse_filter(f"start_time < {'9' * 30}", RUNS) == Comparison(start, "<", (1e30,))
    assert parse_filter(f"start_time < {2**53 + 1}", RUNS) == Comparison(start, "<", (2**53 + 1,))


HOSTILE = ["'" * 9_999, '"' * 9_999, "`" * 9_999, "a" * 99_999, "1" * 99_999, "a." * 49_999]
HOSTILE += [
    "metrics." + "a-" * 49_000,
    "1e" * 40_000,
    "-" * 90_000,
    "\x00" * 9_999,
    "+inf" * 20_000,
]
HOSTILE += [
    "(" * 99_999,
    "NOT " * 24_999,
    "and " * 24_999,
    "metrics.a IN (" + "1," * 40_000,
    "min(" * 20_000,
]


@pytest.mark.parametrize("hostile", HOSTILE, ids=lambda each: repr(each[:14]))
def test_no_text_takes_long_to_refuse(hostile: str) -> None:
    with pytest.raises(InvalidValueError) as caught, at_most_calls(20 * len(hostile)):
        parse_filter(hostile, RUNS)
    assert len(str(caught.value)) < 1_000


@contextlib.contextmanager
def at_most_calls(limit: int) -> Iterator[None]:
    """The work of the body, in calls of functions in Python and in C."""
    calls = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal calls
        calls += event in ("call", "c_call")

    before = sys.getprofile()
    sys.setprofile(count)
    try:
        yield
    finally:
        sys.setprofile(before)
        assert calls <= limit


def test_no_expression_of_the_lexer_can_go_back() -> None:
    """So that one match, which counts as one call above, reads no character twice."""
    patterns = [value.pattern for value in vars(lexer).values() if isinstance(value, re.Pattern)]
    assert len(patterns) > 5
    for pattern in patterns:
        # Without quoted signs and classes, each quantifier must be possessive.
        bare = re.sub(r"\\.|\[[^]]*\]", "c", pattern)
        assert not re.search(r"(?<!\()[*+?](?!\+)(?<![*+?]\+)", bare), pattern


_PIECES = (
    "metrics.a params.b tags.`c d` datasets.name run_id start_time ( ) , = != < <= > >= IN NOT LIKE "
    "ILIKE BETWEEN IS NULL AND OR ASC DESC 'x' \"y\" `z` 1 -2.5e3 inf nan min( number( ; . ' !"
)
PIECES = st.sampled_from(_PIECES.split())


@settings(max_examples=400, deadline=None)
@given(
    st.one_of(st.text(), st.lists(PIECES, max_size=30).map(" ".join)),
    st.sampled_from([RUNS, EXPERIMENTS, LOGGED_MODELS]),
)
def test_any_text_parses_or_is_refused_as_invalid(given_text: str, entity: Searchable) -> None:
    for read in (
        lambda: parse_filter(given_text, entity),
        lambda: parse_order([given_text], entity),
        lambda: parse_field(given_text, entity),
    ):
        with contextlib.suppress(InvalidValueError):
            read()


def written(node: Node) -> str:
    """The text of a tree, every part in parentheses."""
    match node:
        case And(parts) | Or(parts):
            joint = " AND " if isinstance(node, And) else " OR "
            return "(" + joint.join(map(written, parts)) + ")"
        case Not(part):
            return f"NOT ({written(part)})"
        case Comparison(field, op, values):
            key = "`" + field.key.replace("`", "``") + "`"
            shown = [
                repr(each) if not isinstance(each, str) else "'" + each.replace("'", "''") + "'"
                for each in values
            ]
            left = f"{field.kind}.{key}"
            if field.numeric and field.kind != "metric" and not values:
                left = f"number({left})"
            if field.reduction != "last":
                left = f"{field.reduction}({left})"
            if op.endswith("BETWEEN"):
                return f"{left} {op} {shown[0]} AND {shown[1]}"
            if op.endswith("IN"):
                return f"{left} {op} ({', '.join(shown)})"
            return " ".join([left, op, *shown])


_storable = st.characters(exclude_categories=["Cs"], exclude_characters="\0")
_key = st.text(_storable, min_size=1)
_numbers = st.floats(allow_nan=False)
_texts = st.text(_storable).filter(lambda each: not each.strip().replace("_", "").isalnum())


@st.composite
def comparisons(draw: st.DrawFn) -> Comparison:
    kind = draw(st.sampled_from(["metric", "param", "tag"]))
    numeric = kind == "metric" or draw(st.booleans())
    reduction = draw(st.sampled_from(["last", "min", "count"])) if kind == "metric" else "last"
    field = Field(kind, draw(_key), reduction, numeric)
    signs = ["=", "!=", "IN", "NOT IN", "BETWEEN", "NOT BETWEEN", "IS NULL", "IS NOT NULL"]
    op = draw(st.sampled_from(signs + (["<", ">="] if numeric else ["LIKE", "NOT ILIKE"])))
    size = {"IN": 3, "NOT IN": 1, "BETWEEN": 2, "NOT BETWEEN": 2, "IS NULL": 0, "IS NOT NULL": 0}
    count = size.get(op, 1)
    values = draw(st.lists(_numbers if numeric else _texts, min_size=count, max_size=count))
    return Comparison(field, op, tuple(values))


def joined(parts: st.SearchStrategy[Node]) -> st.SearchStrategy[Node]:
    many = st.lists(parts, min_size=2, max_size=4)
    return st.one_of(
        many.map(lambda each: And(tuple(p for p in each if not isinstance(p, And)) or (each[0],))),
        many.map(lambda each: Or(tuple(p for p in each if not isinstance(p, Or)) or (each[0],))),
        parts.map(Not),
    )


def unwrapped(node: Node) -> Node:
    """The tree as the parser gives it: no joint of one part, none directly inside its like."""
    match node:
        case Not(part):
            return Not(unwrapped(part))
        case And(parts) | Or(parts):
            kind = type(node)
            flat: list[Node] = []
            for part in map(unwrapped, parts):
                flat.extend(part.parts if isinstance(part, kind) else (part,))
            return flat[0] if len(flat) == 1 else kind(tuple(flat))
    return node


@settings(max_examples=200, deadline=None)
@given(st.recursive(comparisons(), joined, max_leaves=12))
def test_a_tree_written_as_text_parses_to_itself(tree: Node) -> None:
    assert parse_filter(written(tree), RUNS) == unwrapped(tree)
