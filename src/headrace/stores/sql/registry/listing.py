"""What filters and orders of registered models and versions stand for in SQL."""

from typing import ClassVar

from headrace.search.tree import And, Comparison, Field, Node, Or
from headrace.stores.sql import filters
from headrace.stores.sql.listing import Listing
from headrace.stores.sql.phrases import Sql, all_of
from headrace.wire.registry import IS_PROMPT

_FEW = 1_000
"""So many rows of a tag are looked up one by one; of more, each row of the list is asked for its tag."""


class _Tagged(Listing):
    """Rows with tags whose text is split into two columns."""

    tags: ClassVar[str]
    tied: ClassVar[tuple[tuple[str, str], ...]]
    """The columns of a row and of its tags that are the same."""

    def where(self, node: Node | None) -> Sql:
        """The condition on rows; prompts are left out unless a filter asks for them."""
        prompts = 1 if _asks_for_prompts(node) else 0
        return all_of((Sql(f"m.prompt = {prompts:d}"), self.condition(node)))

    def beside(self, comparison: Comparison) -> Sql:
        if comparison.field.key == IS_PROMPT:
            is_one = filters.text_is("true", comparison)
            return Sql(f"m.prompt = {int(is_one):d}")
        match = self._match(comparison)
        of_key = all_of((Sql('t."key" = ?', (comparison.field.key,)), match))
        if self._are_few(of_key):
            mine = ", ".join(f"m.{name}" for name, _ in self.tied)
            theirs = ", ".join(f"t.{name}" for _, name in self.tied)
            return Sql(
                f"({mine}) IN (SELECT {theirs} FROM {self.tags} AS t WHERE {of_key.text})",
                of_key.arguments,
            )
        return Sql(
            f"EXISTS (SELECT 1 FROM {self.tags} AS t WHERE {self._tie} AND {of_key.text})",
            of_key.arguments,
        )

    @property
    def _tie(self) -> str:
        return " AND ".join(f"t.{theirs} = m.{mine}" for mine, theirs in self.tied)

    def _are_few(self, condition: Sql) -> bool:
        text = f"SELECT 1 FROM {self.tags} AS t WHERE {condition.text} LIMIT {_FEW:d}"
        return len(self.phrases.fetch(Sql(text, condition.arguments))) < _FEW

    def _match(self, comparison: Comparison) -> Sql:
        if comparison.field.numeric:
            return filters.present_number_matches("t.number", comparison)
        if comparison.op.endswith("LIKE"):
            return filters.long_like(self.phrases, comparison)
        return filters.split_text_matches(self.phrases, comparison)

    def value(self, field: Field) -> Sql:
        column = "t.number" if field.numeric else "t.value"
        return Sql(
            f'SELECT {column} FROM {self.tags} AS t WHERE {self._tie} AND t."key" = ?', (field.key,)
        )


class RegisteredModels(_Tagged):
    """The registered models of the store."""

    table = "registered_models"
    columns: ClassVar = {
        "name": "name",
        "creation_timestamp": "created",
        "last_updated_timestamp": "updated",
    }
    ties = default = "m.name ASC"
    tags = "registered_model_tags"
    tied: ClassVar = (("id", "model"),)

    def compare(self, comparison: Comparison) -> Sql:
        match = super().compare(comparison)
        if comparison.field.key != "name" or comparison.field.kind != "attribute":
            return match
        return all_of((filters.prefix_range("m.name", comparison), match))


class ModelVersions(_Tagged):
    """The versions of all models."""

    table = "model_versions"
    columns: ClassVar = {
        "version_number": "version",
        "run_id": "run_id",
        "source_path": "source",
        "model_id": "model_id",
        "current_stage": "stage",
        "user_id": "user_id",
        "creation_timestamp": "created",
        "last_updated_timestamp": "updated",
    }
    _NAME = "(SELECT r.name FROM registered_models AS r WHERE r.id = m.model)"
    ties = f"{_NAME} ASC, m.version DESC"
    default = f"m.updated DESC, {ties}"
    nullable = frozenset(("run_id", "model_id", "user_id"))
    key_columns = "m.model, m.version"
    tags = "model_version_tags"
    tied: ClassVar = (("model", "model"), ("version", "version"))

    def compare(self, comparison: Comparison) -> Sql:
        if comparison.field.kind == "attribute" and comparison.field.key == "name":
            match = all_of(
                (
                    filters.prefix_range("r.name", comparison),
                    filters.text_matches(self.phrases, "r.name", comparison),
                )
            )
            return Sql(
                f"m.model IN (SELECT r.id FROM registered_models AS r WHERE {match.text})",
                match.arguments,
            )
        if comparison.field.kind == "attribute" and comparison.field.key == "source_path":
            return filters.text_matches(self.phrases, self.phrases.exact("m.source"), comparison)
        return super().compare(comparison)

    def sorted_by(self, field: Field, *, ascending: bool) -> Sql:
        if field.kind == "attribute" and field.key == "name":
            return Sql(f"{self._NAME} {'ASC' if ascending else 'DESC'}")
        return super().sorted_by(field, ascending=ascending)


def _asks_for_prompts(node: Node | None) -> bool:
    match node:
        case And(parts) | Or(parts):
            return any(_asks_for_prompts(each) for each in parts)
        case Comparison(field, "=", ("true",)):
            return field.kind == "tag" and field.key == IS_PROMPT
    return False
