"""What was deleted is removed for good with its files; what is reachable, or not deleted, never is."""

import shutil
from pathlib import Path

import pytest

from headrace.entities import ViewType
from headrace.errors import NotFoundError
from headrace.upkeep.collecting import Wanted, look, summed
from kept_stores import Kept, collect_and_die
from processes import DiedError, alone


def test_a_deleted_run_goes_with_its_files_and_the_others_stay(kept: Kept) -> None:
    gone, stays = kept.new_run(), kept.new_run()
    kept.client.delete_run(gone)
    before = kept.files()
    looked = summed(look(kept.premises, Wanted()), dry_run=True)
    assert kept.files() == before
    assert [(item.id, item.files, item.bytes) for item in looked.items] == [(gone, 2, 68)]
    assert looked.bytes == 68
    assert kept.collect()[gone].state == "removed"
    assert kept.files() == {f"0/{stays}/artifacts/deep/{n}.txt" for n in (0, 1)}
    assert not (kept.folder / "artifacts" / "0" / gone).exists()
    with pytest.raises(NotFoundError):
        kept.client.get_run(gone)
    assert len(kept.client.get_metric_history(stays, "loss")) == 3
    assert kept.collect() == {}


def test_a_run_whose_model_is_active_stays_and_says_so(kept: Kept) -> None:
    run = kept.new_run()
    model = kept.new_model(run_id=run)
    kept.client.delete_run(run)
    before = kept.files()
    done = kept.collect(run_ids=[run])[run]
    assert done.state == "kept"
    assert model in str(done.reason)
    assert kept.files() == before
    kept.client.delete_logged_model(model)
    assert {item.state for item in kept.collect().values()} == {"removed"}
    assert kept.files() == set()


def test_what_a_registered_version_comes_from_stays(kept: Kept) -> None:
    run, model = kept.new_run(), kept.new_model()
    kept.client.create_registered_model("prices")
    kept.client.create_model_version("prices", f"runs:/{run}/deep", run)
    kept.client.create_model_version("prices", f"models:/{model}", model_id=model)
    kept.client.delete_run(run)
    kept.client.delete_logged_model(model)
    before = kept.files()
    done = kept.collect(run_ids=[run]) | kept.collect()
    assert kept.files() == before
    assert str(done[run].reason) == "version 1 of 'prices' comes from it"
    assert kept.client.get_model_version_download_uri("prices", "2").endswith(f"{model}/artifacts")
    kept.client.delete_registered_model("prices")
    assert {item.state for item in kept.collect().values()} == {"removed"}
    assert kept.files() == set()


def test_an_experiment_goes_with_all_in_it(kept: Kept) -> None:
    experiment = kept.client.create_experiment("gone")
    run, model = kept.new_run(experiment), kept.new_model(experiment)
    other = kept.new_run()
    kept.client.delete_experiment(experiment)
    done = kept.collect(experiment_ids=[experiment])
    assert {one: item.state for one, item in done.items()} == dict.fromkeys(
        (run, model, experiment), "removed"
    )
    assert not (kept.folder / "artifacts" / experiment).exists()
    assert {path.split("/")[1] for path in kept.files()} == {other}
    found = kept.client.search_experiments(view_type=ViewType.ALL)
    assert [one.experiment_id for one in found] == ["0"]


def test_an_experiment_with_something_that_stays_in_it_stays(kept: Kept) -> None:
    experiment = kept.client.create_experiment("kept")
    run, restored = kept.new_run(experiment), kept.new_run(experiment)
    kept.client.delete_experiment(experiment)
    kept.client.restore_run(restored)
    done = kept.collect()
    assert done[run].state == "removed"
    assert (done[experiment].state, done[experiment].reason) == (
        "kept",
        "runs or models in it stay",
    )
    assert kept.client.get_run(restored).data.params == {"p": "1"}


def test_a_folder_that_another_experiment_uses_stays(kept: Kept) -> None:
    run = kept.new_run()
    inside = kept.folder / "artifacts" / "0" / run / "artifacts" / "shared"
    link = kept.folder.parent / "link"
    link.symlink_to(kept.folder)
    through = str(link / inside.relative_to(kept.folder))
    user = kept.client.create_experiment("user", artifact_location=through)
    kept.new_run(user)
    kept.client.delete_run(run)
    before = kept.files()
    done = kept.collect()[run]
    assert done.state == "kept"
    assert user in str(done.reason)
    assert kept.files() == before


def test_runs_of_two_experiments_in_one_place_do_not_touch_each_other(
    kept: Kept, tmp_path: Path
) -> None:
    place = str(tmp_path / "common")
    first = kept.client.create_experiment("first", artifact_location=place)
    second = kept.client.create_experiment("second", artifact_location=place)
    kept.new_run(first)
    run = kept.new_run(second)
    (tmp_path / "common" / "note.txt").write_text("mine")
    kept.client.delete_experiment(first)
    assert {item.state for item in kept.collect().values()} == {"removed"}
    assert sorted(path.name for path in (tmp_path / "common").iterdir()) == sorted(
        [run, "note.txt"]
    )


def test_files_that_are_missing_are_no_error(kept: Kept) -> None:
    run = kept.new_run()
    kept.client.delete_run(run)
    shutil.rmtree(kept.folder / "artifacts")
    done = kept.collect()[run]
    assert (done.state, done.files) == ("removed", 0)


def test_a_place_that_cannot_be_reached_is_told_and_its_run_stays(kept: Kept) -> None:
    far = kept.client.create_experiment("far", artifact_location="nowhere://bucket/folder")
    lost = kept.client.create_run(far).info.run_id
    run = kept.new_run()
    for one in (lost, run):
        kept.client.delete_run(one)
    done = kept.collect()
    assert done[run].state == "removed"
    assert done[lost].state == "failed"
    assert "nowhere" in str(done[lost].reason)
    assert kept.client.get_run(lost).info.lifecycle_stage == "deleted"
    kept.client.restore_run(lost)


def test_what_was_deleted_lately_stays(kept: Kept) -> None:
    run = kept.new_run()
    kept.client.delete_run(run)
    assert kept.collect(before=1) == {}
    assert kept.collect(before=1, run_ids=[run])[run].state == "kept"


def test_what_is_restored_between_the_look_and_the_removal_stays(kept: Kept) -> None:
    from headrace.upkeep.collecting import remove

    run = kept.new_run()
    kept.client.delete_run(run)
    looked = look(kept.premises, Wanted())
    kept.client.restore_run(run)
    assert [item.state for item in remove(kept.premises, looked, None)] == ["kept"]
    assert len(kept.files()) == 2


def _given(kept: Kept) -> set[str]:
    """Things of all kinds that go, among things that stay; the files of these."""
    stays = kept.new_run()
    kept.new_model(run_id=stays)
    for_good = kept.files()
    gone = kept.client.create_experiment("gone")
    kept.new_run(gone)
    kept.new_model(gone)
    kept.client.delete_experiment(gone)
    kept.client.delete_run(kept.new_run())
    return for_good


def test_killed_at_any_step_and_begun_again_it_ends_the_same(kept: Kept) -> None:
    for_good = _given(kept)
    untouched = kept.folder.with_name("untouched")
    shutil.copytree(kept.folder, untouched)
    total = alone(collect_and_die, str(_copy(untouched)), -1)
    assert total >= 20
    for fatal in range(total):
        folder = _copy(untouched)
        assert isinstance(alone(collect_and_die, str(folder), fatal), DiedError)
        assert isinstance(alone(collect_and_die, str(folder), -1), int)
        left = Kept(folder, kept.client, kept.premises).files()
        assert left == for_good, f"killed at step {fatal} of {total}"
        assert alone(collect_and_die, str(folder), -1) == 0


def _copy(untouched: Path) -> Path:
    target = untouched.with_name("copy")
    shutil.rmtree(target, ignore_errors=True)
    shutil.copytree(untouched, target)
    return target
