"""Whoever looks after a folder sees what lies in its journals."""

from pathlib import Path

import headrace
from headrace.config import Settings
from headrace.upkeep.copying import back_up
from headrace.upkeep.premises import address_of, open_premises
from headrace.wire.tracking import GetRun


def test_a_backup_holds_what_only_journals_knew(tmp_path: Path) -> None:
    store = tmp_path / "store"
    headrace.set_tracking_uri(store)
    with headrace.start_run() as run:
        headrace.log_metric("m", 1)
        headrace.log_text("text", "t.txt")
    assert not (store / "headrace.db").exists()
    address = address_of(str(store), None, Settings())
    back_up(address, tmp_path / "backup", lambda _: None)
    premises = open_premises(address_of(str(tmp_path / "backup"), None, Settings()))
    found = premises.store.get_run(GetRun(run.info.run_id)).run
    premises.store.close()
    assert (found.info.status, found.data.metrics) == ("FINISHED", {"m": 1.0})
