"""Pages of experiments, logged models and evaluation datasets: one query each, with a subquery for each comparison."""

from collections.abc import Sequence
from typing import ClassVar

from headrace.errors import InvalidValueError
from headrace.search.fields import LOGGED_MODELS
from headrace.search.tree import And, Comparison, Field, Node, Not, Or
from headrace.stores.sql import filters
from headrace.stores.sql.phrases import TRUE, Sql, all_of, any_of, in_numbers, phrases_of
from headrace.stores.sql.view import View


class Listing:
    """One table whose rows have attributes in columns and other fields in tables beside it."""

    table: ClassVar[str]
    columns: ClassVar[dict[str, str]]
    ties: ClassVar[str]
    """What decides between rows that an order leaves equal."""
    default: ClassVar[str]
    nullable: ClassVar[frozenset[str]] = frozenset()
    """Attributes that a row may lack."""
    key_columns: ClassVar[str] = "m.id"
    """What a row is known by."""

    def __init__(self, view: View) -> None:
        self.phrases = phrases_of(view)

    def condition(self, node: Node | None) -> Sql:
        """The condition on a row ``m`` that stands for a filter."""
        match node:
            case None:
                return TRUE
            case And(parts):
                return all_of(self.condition(each) for each in parts)
            case Or(parts):
                return any_of(self.condition(each) for each in parts)
            case Not(part):
                return _not(self.condition(part))
            case Comparison(field, "IS NULL", _):
                return _not(self.compare(Comparison(field, "IS NOT NULL", ())))
        return self.compare(node)

    def compare(self, comparison: Comparison) -> Sql:
        """The condition that stands for one comparison, of whatever but IS NULL."""
        if comparison.field.kind != "attribute":
            return self.beside(comparison)
        column = f"m.{self.columns[comparison.field.key]}"
        if comparison.field.numeric:
            return filters.present_number_matches(column, comparison)
        match = filters.text_matches(self.phrases, column, comparison)
        if comparison.field.key not in self.nullable:
            return match
        # Never NULL itself, or NOT could not turn it round.
        return all_of((Sql(f"{column} IS NOT NULL"), match))

    def beside(self, comparison: Comparison) -> Sql:
        """The condition on a field that is in a table beside."""
        raise NotImplementedError  # pragma: no cover

    def value(self, field: Field) -> Sql:
        """What a row is sorted by, for a field that is in a table beside."""
        raise NotImplementedError  # pragma: no cover

    def sorted_by(self, field: Field, *, ascending: bool) -> Sql:
        """A sort key; rows without a value come last in both directions."""
        way = "ASC" if ascending else "DESC"
        if field.kind == "attribute":
            column = f"m.{self.columns[field.key]}"
            last = f"{column} IS NULL, " if field.key in self.nullable else ""
            return Sql(f"{last}{column} {way}")
        value = self.value(field)
        return Sql(f"({value.text}) IS NULL, ({value.text}) {way}", value.arguments * 2)

    def page(self, where: Sql, orders: Sequence[Sql], offset: int, limit: int) -> list[int]:
        """The numbers of the rows that a condition lets through, sorted."""
        return [number for (number,) in self.keys(where, orders, offset, limit)]

    def keys(
        self, where: Sql, orders: Sequence[Sql], offset: int, limit: int
    ) -> list[tuple[int, ...]]:
        """What the rows of the page are known by, sorted."""
        sorting = (
            ", ".join([*(order.text for order in orders), self.ties]) if orders else self.default
        )
        arguments = [*where.arguments, *(value for order in orders for value in order.arguments)]
        text = f"SELECT {self.key_columns} FROM {self.table} AS m WHERE {where.text} ORDER BY {sorting}"
        page = f" LIMIT {limit:d} OFFSET {offset:d}"
        return self.phrases.fetch(Sql(text + page, tuple(arguments)))

    def text_beside(self, table: str, owner: str, comparison: Comparison) -> Sql:
        """The condition that a table of keys and whole texts has a row that matches."""
        column = self.phrases.exact("t.value")
        match = filters.text_matches(self.phrases, column, comparison)
        if comparison.field.numeric:
            match = filters.present_number_matches(self.phrases.number_in("t.value"), comparison)
        return Sql(
            f'EXISTS (SELECT 1 FROM {table} AS t WHERE t.{owner} = m.id AND t."key" = ? AND ({match.text}))',
            (comparison.field.key, *match.arguments),
        )

    def text_value(self, table: str, owner: str, field: Field) -> Sql:
        """The text of a key in such a table."""
        column = (
            self.phrases.number_in("t.value") if field.numeric else self.phrases.exact("t.value")
        )
        return Sql(
            f'SELECT {column} FROM {table} AS t WHERE t.{owner} = m.id AND t."key" = ?',
            (field.key,),
        )


class Experiments(Listing):
    """The experiments of the store."""

    table = "experiments"
    columns: ClassVar = {
        "name": "name",
        "experiment_id": "id",
        "creation_time": "created",
        "last_update_time": "updated",
    }
    ties = "m.id DESC"
    default = "m.created DESC, m.id ASC"

    def where(self, node: Node | None, stages: Sequence[int]) -> Sql:
        """The condition on experiments of some stages."""
        return all_of((Sql(in_numbers("m.deleted", stages)), self.condition(node)))

    def compare(self, comparison: Comparison) -> Sql:
        if comparison.field.key == "experiment_id" and comparison.field.kind == "attribute":
            return filters.text_matches(self.phrases, self.phrases.as_text("m.id"), comparison)
        return super().compare(comparison)

    def beside(self, comparison: Comparison) -> Sql:
        return self.text_beside("experiment_tags", "experiment", comparison)

    def value(self, field: Field) -> Sql:
        return self.text_value("experiment_tags", "experiment", field)


class Models(Listing):
    """The logged models of the store, with metrics on some data sets or on any."""

    table = "logged_models"
    columns: ClassVar = {
        "name": "name",
        "model_id": "model_id",
        "model_type": "model_type",
        "status": "status",
        "source_run_id": "source_run_id",
        "creation_timestamp_ms": "created",
        "last_updated_timestamp_ms": "updated",
    }
    ties = default = "m.created DESC, m.model_id ASC"

    def __init__(self, view: View, datasets: Sequence[tuple[str | None, str | None]]) -> None:
        super().__init__(view)
        self._on = any_of(_on_dataset(*each) for each in datasets) if datasets else TRUE
        self._has_datasets = bool(datasets)

    def where_in(self, experiments: Sequence[int], node: Node | None) -> Sql:
        """The condition on active models; data sets without a metric comparison ask for any metric."""
        parts = [
            Sql(f"{in_numbers('m.experiment', experiments)} AND m.deleted = 0"),
            self.condition(node),
        ]
        if self._has_datasets and not _names_metric(node):
            parts.append(self._measured("1 = 1", ()))
        return all_of(parts)

    def compare(self, comparison: Comparison) -> Sql:
        if comparison.field.key == "status" and comparison.field.kind == "attribute":
            names = _STATUSES
            chosen = filters.chosen(names, comparison)
            return Sql(in_numbers("m.status", [names.index(name) for name in chosen]))
        return super().compare(comparison)

    def beside(self, comparison: Comparison) -> Sql:
        field = comparison.field
        if field.kind != "metric":
            return self.text_beside(_BESIDE[field.kind], "model", comparison)
        _only_last(field)
        match = filters.number_matches("t.value", comparison)
        return self._measured(f't."key" = ? AND ({match.text})', (field.key, *match.arguments))

    def value(self, field: Field) -> Sql:
        if field.kind != "metric":
            return self.text_value(_BESIDE[field.kind], "model", field)
        _only_last(field)
        return Sql(
            'SELECT t.value FROM logged_model_metrics AS t WHERE t.model = m.id AND t."key" = ? '
            f"AND ({self._on.text}) ORDER BY t.time DESC, t.step DESC, t.value DESC LIMIT 1",
            (field.key, *self._on.arguments),
        )

    def _measured(self, condition: str, arguments: tuple[object, ...]) -> Sql:
        return Sql(
            "EXISTS (SELECT 1 FROM logged_model_metrics AS t WHERE t.model = m.id "
            f"AND ({condition}) AND ({self._on.text}))",
            (*arguments, *self._on.arguments),
        )


class EvaluationDatasets(Listing):
    """The evaluation datasets of the store."""

    table = "evaluation_datasets"
    columns: ClassVar = {
        "name": "name",
        "created_by": "created_by",
        "last_updated_by": "last_updated_by",
        "created_time": "created",
        "last_update_time": "updated",
    }
    ties = default = "m.created DESC, m.id DESC"
    nullable = frozenset(("created_by", "last_updated_by"))

    def where(self, experiments: Sequence[int] | None, node: Node | None) -> Sql:
        """The condition on datasets that one of the experiments has, whatever experiments for ``None``."""
        condition = self.condition(node)
        if experiments is None:
            return condition
        having = (
            "EXISTS (SELECT 1 FROM evaluation_dataset_experiments AS t WHERE t.dataset = m.id "
            f"AND {in_numbers('t.experiment', experiments)})"
        )
        return all_of((Sql(having), condition))

    def beside(self, comparison: Comparison) -> Sql:
        return self.text_beside("evaluation_dataset_tags", "dataset", comparison)

    def value(self, field: Field) -> Sql:
        return self.text_value("evaluation_dataset_tags", "dataset", field)


_BESIDE = {"param": "logged_model_params", "tag": "logged_model_tags"}
# In the order of the wire's enum.
_STATUSES = next(each.choices for each in LOGGED_MODELS.attributes if each.name == "status")


def _on_dataset(name: str | None, digest: str | None) -> Sql:
    named = Sql("t.dataset_name = ?", (name,))
    return named if digest is None else all_of((named, Sql("t.dataset_digest = ?", (digest,))))


def _only_last(field: Field) -> None:
    if field.reduction != "last":
        raise InvalidValueError(
            f"Logged models keep the latest value of a metric only; '{field.reduction}' of "
            f"'{field.key}' is not known. Search runs for it."
        )


def _names_metric(node: Node | None) -> bool:
    match node:
        case And(parts) | Or(parts):
            return any(_names_metric(each) for each in parts)
        case Not(part):
            return _names_metric(part)
        case Comparison(field, _, _):
            return field.kind == "metric"
    return False


def _not(condition: Sql) -> Sql:
    return Sql(f"NOT ({condition.text})", condition.arguments)
