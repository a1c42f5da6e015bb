"""A database is made once, whoever comes first, and half of it is finished by who comes next."""

from contextlib import closing

from databases import Databases, Kind
from ddl import tables
from headrace.entities import DEFAULT_EXPERIMENT_NAME
from headrace.stores.sql import connect
from headrace.stores.sql.database import Database
from headrace.wire import tracking as w
from opening import prepare, prepare_until
from processes import DiedError, alone, together

PROCESSES = 8


def test_of_processes_that_start_at_once_on_an_empty_database_one_makes_it_and_none_fails(
    url: str,
) -> None:
    answers = together(prepare, *[(url,)] * PROCESSES)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert len([answer for answer in answers if answer]) == 1
    with closing(connect(url)) as store:
        (found,) = store.search_experiments(w.SearchExperiments(10)).experiments
    assert (found.experiment_id, found.name) == ("0", DEFAULT_EXPERIMENT_NAME)


def test_a_database_whose_making_was_killed_is_made_whole_by_the_next(
    databases: Databases, kind: Kind
) -> None:
    def definitions(url: str) -> dict[str, list[str]]:
        with closing(Database(url)) as database:
            return database.read(tables)

    whole = databases.new(kind)
    prepare(whole)
    expected = definitions(whole)
    for number in range(3, 200, 23 if kind == "mariadb" else 11):
        url = databases.new(kind)
        if not isinstance(alone(prepare_until, url, number), DiedError):
            break
        prepare(url)
        assert definitions(url) == expected
    assert number > 30
