"""An older database is brought up to date: copied first, once, all of it or none."""

import shutil
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import text

from databases import Databases, Kind
from ddl import tables
from headrace.entities import Metric
from headrace.errors import HeadraceError, InvalidStateError
from headrace.stores.sql import connect, schema
from headrace.stores.sql.database import Database
from headrace.wire import tracking as w
from opening import prepare, prepare_until, prepare_without_space
from processes import DiedError, alone, together

NOW, LATER = schema.versions_of(schema.SCRIPTS)[-1], "9999"
PROCESSES = 8
RUN = "a" * 32


@pytest.fixture
def scripts(tmp_path: Path) -> str:
    """The scripts of a later release, in a folder whose name has what a path may have."""
    folder = tmp_path / "a later: release, 100%"
    shutil.copytree(schema.SCRIPTS, folder, ignore=shutil.ignore_patterns("__pycache__"))
    later = Path(__file__).with_name("later.py").read_text()
    Path(folder, "versions", f"v{LATER}.py").write_text(later.replace("{newest}", NOW))
    return str(folder)


@pytest.fixture
def old(databases: Databases, kind: Kind) -> Callable[[], str]:
    """Makes databases of this release, each with a run in it."""

    def make() -> str:
        url = databases.new(kind)
        with closing(connect(url)) as store:
            store.create_run(w.CreateRun("0", run_id=RUN, run_name="kept"))
            store.log_batch(w.LogBatch(RUN, [Metric("m", 0.1 * i, i, i) for i in range(900)]))
        return url

    return make


def version(url: str, scripts: str) -> str | None:
    with closing(Database(url)) as database:
        known = schema.versions_of(Path(scripts))
        return database.read(lambda connection: schema.version_in(connection, known))


def definitions(url: str) -> dict[str, list[str]]:
    with closing(Database(url)) as database:
        return database.read(tables)


def notes(url: str) -> list[tuple[str, str, int]]:
    """What a later release finds of it: its name, what the upgrade wrote, the number of its points."""
    with closing(Database(url)) as database:
        query = text("SELECT name, note, (SELECT SUM(points) FROM metric_batches) FROM runs")
        return [
            (name, note, int(points))
            for name, note, points in database.read(lambda c: c.execute(query).all())
        ]


def kept(url: str) -> tuple[str | None, int]:
    """What the store of this release finds of the run that was there before."""
    with closing(connect(url)) as store:
        run = store.get_run(w.GetRun(RUN)).run
        points = store.get_metric_history(w.GetMetricHistory(RUN, "m")).metrics
        return run.info.run_name, len({(point.step, point.value) for point in points})


def backup_of(url: str) -> Path:
    return Path(url.removeprefix("sqlite:///") + f".{NOW}.backup")


def test_an_upgrade_keeps_what_is_there_and_this_release_then_refuses_the_database(
    old: Callable[[], str], scripts: str
) -> None:
    url = old()
    prepare(url, scripts)
    assert version(url, scripts) == LATER
    assert notes(url) == [("kept", "from before", 900)]
    with pytest.raises(
        InvalidStateError,
        match=rf"schema version {LATER}, which is newer than this Headrace knows \({NOW}\). Upgrade",
    ):
        connect(url)
    assert prepare(url, scripts) == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_a_file_is_copied_as_it_was_before_it_is_touched(
    old: Callable[[], str], scripts: str
) -> None:
    url = old()
    backup_of(url).write_text("a copy of long ago")
    prepare(url, scripts)
    assert kept(f"sqlite:///{backup_of(url)}") == ("kept", 900)
    assert [path.name for path in backup_of(url).parent.glob("*.partial")] == []


@pytest.mark.parametrize("kind", ["sqlite"])
def test_without_space_for_the_copy_nothing_is_touched(
    old: Callable[[], str], scripts: str
) -> None:
    url = old()
    answer = alone(prepare_without_space, url, scripts)
    assert isinstance(answer, HeadraceError)
    assert kept(url) == ("kept", 900)
    assert list(backup_of(url).parent.glob(f"{backup_of(url).name}*")) == []


def test_of_processes_that_start_at_once_on_an_old_database_one_upgrades_it_and_none_fails(
    old: Callable[[], str], scripts: str
) -> None:
    url = old()
    answers = together(prepare, *[(url, scripts)] * PROCESSES)
    assert [answer for answer in answers if isinstance(answer, Exception)] == []
    assert len([answer for answer in answers if answer]) == 1
    assert notes(url) == [("kept", "from before", 900)]


def test_an_upgrade_killed_at_any_statement_leaves_a_whole_version_and_is_done_by_the_next_start(
    old: Callable[[], str], kind: Kind, scripts: str
) -> None:
    before, finished = old(), old()
    prepare(finished, scripts)
    expected = {NOW: definitions(before), LATER: definitions(finished)}
    url, kills = before, 0
    step = 8 if kind == "mariadb" else 3  # a database of its own for each kill, which takes long
    for number in range(7, 400, step):
        if not isinstance(alone(prepare_until, url, number, scripts), DiedError):
            break
        kills += 1
        found = str(version(url, scripts))
        # MariaDB commits each statement, so a part of the next version may be there.
        if found == LATER or kind != "mariadb":
            assert definitions(url) == expected[found]
        if kind == "mariadb":
            prepare(url, scripts)
            assert definitions(url) == expected[LATER]
            url = old()
    assert kills > 1
    prepare(url, scripts)
    assert definitions(url) == expected[LATER]
    assert notes(url) == [("kept", "from before", 900)]


def test_a_script_that_fails_is_told_and_can_be_mended(
    old: Callable[[], str], kind: Kind, scripts: str
) -> None:
    url = old()
    script = Path(scripts, "versions", f"v{LATER}.py")
    right = script.read_text()
    script.write_text(right + '    op.execute("DELETE FROM no_such_table")\n')
    with pytest.raises(HeadraceError, match="no_such_table"):
        prepare(url, scripts)
    assert version(url, scripts) == NOW
    if kind != "mariadb":
        assert kept(url) == ("kept", 900)
    script.write_text(right)
    prepare(url, scripts)
    assert version(url, scripts) == LATER
