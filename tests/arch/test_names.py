"""What is said once: the table of operations, the protocol, the stores and their help say the same."""

import inspect
import typing
from collections.abc import Iterator

import click
import msgspec
import pytest

from headrace.cli.main import headrace
from headrace.config import Settings
from headrace.stores.base import DeliveringStore, LeasingStore, QueueingStore, TrackingStore
from headrace.stores.http import HttpStore
from headrace.stores.keeping import KeptStore
from headrace.stores.sql import SqlStore
from headrace.wire.operations import TRACKING, Operation

NOT_IN_THE_TABLE = {"get_metric_columns", "close"}
"""Promises without a question and an answer in JSON."""


def public(kind: object) -> set[str]:
    return {
        name for name in dir(kind) if not name.startswith("_") and callable(getattr(kind, name))
    }


def promised() -> set[str]:
    return public(TrackingStore)


def test_the_table_and_the_protocol_name_the_same_operations() -> None:
    assert promised() == {row.method for row in TRACKING} | NOT_IN_THE_TABLE
    assert len({row.method for row in TRACKING}) == len(TRACKING)


def test_the_stores_have_the_methods_of_the_protocol() -> None:
    assert promised() <= public(SqlStore)
    assert promised() <= public(HttpStore("http://server", Settings()))
    assert public(HttpStore("http://server", Settings())) == promised()
    kinds = (QueueingStore, KeptStore, LeasingStore, DeliveringStore)
    beyond = {name for kind in kinds for name in public(kind)}
    assert public(SqlStore) == promised() | beyond | {"read"}


@pytest.mark.parametrize("row", TRACKING, ids=lambda row: row.method)
def test_a_row_and_its_promise_have_the_same_types(row: Operation[object, object]) -> None:
    hints = typing.get_type_hints(getattr(TrackingStore, row.method))
    assert hints == {"question": row.question, "return": row.answer}


@pytest.mark.parametrize("row", TRACKING, ids=lambda row: row.method)
def test_each_operation_says_what_it_promises(row: Operation[object, object]) -> None:
    text = inspect.getdoc(getattr(TrackingStore, row.method)) or ""
    assert text.endswith(".")
    assert len(text) > 10


def test_no_two_operations_answer_on_the_same_address() -> None:
    asked = [(verb, url) for row in TRACKING for url in row.urls for verb in row.verbs]
    assert len(asked) == len(set(asked))


@pytest.mark.parametrize("field", msgspec.structs.fields(Settings), ids=lambda field: field.name)
def test_each_setting_says_what_it_is(field: msgspec.structs.FieldInfo) -> None:
    texts = [note.description for note in field.type.__metadata__ if isinstance(note, msgspec.Meta)]
    assert any(text and text.endswith(".") for text in texts)


def commands(
    group: click.Command = headrace, name: str = "headrace"
) -> Iterator[tuple[str, click.Command]]:
    yield name, group
    if isinstance(group, click.Group):
        context = click.Context(group)
        for each in group.list_commands(context):
            command = group.get_command(context, each)
            assert command is not None
            yield from commands(command, f"{name} {each}")


COMMANDS = dict(commands())


@pytest.mark.parametrize("name", COMMANDS)
def test_each_command_and_each_option_has_a_help_text(name: str) -> None:
    command = COMMANDS[name]
    assert (command.help or "").strip().splitlines()[0].endswith(".")
    options = [one for one in command.params if isinstance(one, click.Option)]
    silent = [option.name for option in options if not (option.help or "").strip()]
    assert silent == []
    assert "Usage:" in command.get_help(click.Context(command, info_name=name))
