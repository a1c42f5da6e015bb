"""What is done to the log of changes past the store shows."""

from collections.abc import Iterator
from contextlib import closing

import pytest

from databases import KINDS, Databases
from headrace.stores.sql import SqlStore, connect
from headrace.testing.stores.registry import new_model, new_version
from headrace.wire import review as v


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, databases: Databases) -> Iterator[SqlStore]:
    with closing(connect(databases.new(request.param))) as opened:
        name = new_model(opened)
        for _ in range(5):
            new_version(opened, name)
        yield opened


@pytest.mark.parametrize(
    ("damage", "first"),
    [
        ("UPDATE audit_log SET user_id = 'somebody' WHERE number = 3", 3),
        ("UPDATE audit_log SET details = '{}' WHERE number = 6", 6),
        ("DELETE FROM audit_log WHERE number = 2", 2),
        ("DELETE FROM audit_log WHERE number = 6", 6),
        ("DELETE FROM audit_log", 1),
        ("UPDATE audit_log SET time = time + 1 WHERE number = 1", 1),
    ],
)
def test_what_is_changed_in_the_log_is_found(store: SqlStore, damage: str, first: int) -> None:
    assert store.verify_audit(v.VerifyAudit()) == v.VerifiedAudit(
        intact=True, records=6, head=store.list_audit(v.ListAudit(5)).records[0].hash
    )
    store._write_now(lambda tx, text: tx.cursor.execute(text), damage)
    found = store.verify_audit(v.VerifyAudit())
    assert (found.intact, found.first_wrong) == (False, first)


def test_large_changes_are_recorded_by_their_digest(store: SqlStore) -> None:
    name = new_model(store, long="x" * 50_000)
    (record,) = store.list_audit(v.ListAudit(6)).records
    assert record.subject == name
    assert len(record.details) < 200
    assert '"sha256":' in record.details


def test_two_servers_write_one_chain(store: SqlStore) -> None:
    url = store._database.url.render_as_string(hide_password=False)
    with closing(connect(url)) as other:
        for _ in range(10):
            new_model(store)
            new_model(other)
        found = other.verify_audit(v.VerifyAudit())
    assert (found.intact, found.records) == (True, 26)
