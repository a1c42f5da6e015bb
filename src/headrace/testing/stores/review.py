"""Review: policies, requests, approvals, comments, history, and the log that shows what was tampered with."""

import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from headrace.entities import Metric, MetricGate, ModelPolicy, MoveRule
from headrace.errors import (
    AlreadyExistsError,
    BadRequestError,
    HeadraceError,
    InvalidValueError,
    NotFoundError,
    PermissionDeniedError,
)
from headrace.stores.base import TrackingStore
from headrace.testing.stores.given import Given, new_run
from headrace.testing.stores.registry import move, new_model, new_version, stages, version_of
from headrace.wire import registry as r
from headrace.wire import review as v
from headrace.wire import tracking as w


def ask(
    store: TrackingStore, name: str, user: str = "ann", version: str = "1", **given: Any
) -> Any:
    """Request the move of a version to production."""
    question = v.CreateTransitionRequest(
        name=name, version=version, user_id=user, **{"stage": "Production", **given}
    )
    return store.create_transition_request(question).request


def approve(
    store: TrackingStore, name: str, user: str | None, version: str = "1", stage: str = "Production"
) -> Any:
    """Agree to the move of a version."""
    question = v.ApproveTransitionRequest(name=name, version=version, stage=stage, user_id=user)
    return store.approve_transition_request(question).activity


def reject(store: TrackingStore, name: str, user: str, comment: str) -> Any:
    """Refuse the move of version 1 to production."""
    question = v.RejectTransitionRequest(
        name=name, version="1", stage="Production", user_id=user, comment=comment
    )
    return store.reject_transition_request(question).activity


def requests(store: TrackingStore, name: str, status: str = "pending") -> Sequence[Any]:
    """The requests about a model."""
    return store.list_transition_requests(v.ListTransitionRequests(name, None, status)).requests


def policy(store: TrackingStore, name: str, *moves: MoveRule, **given: Any) -> None:
    """Set the policy of a model."""
    wanted = ModelPolicy(moves=list(moves), **given)
    store.set_model_policy(v.SetModelPolicy(policy=wanted, name=name, user_id="boss"))


class ReviewContract(Given):
    """The promises about reviews of model versions."""

    @pytest.fixture
    def reviewed(self, store: TrackingStore) -> str:
        """A new model with one version."""
        name = new_model(store)
        new_version(store, name)
        return name

    # Requests

    def test_a_request_is_rejected_with_a_comment_and_made_again_and_approved(
        self, store: TrackingStore, reviewed: str
    ) -> None:
        asked = ask(store, reviewed, comment="better on all slices")
        assert (asked.user_id, asked.to_stage, asked.status) == ("ann", "Production", "pending")
        assert (asked.comment, asked.approvals_needed) == ("better on all slices", 1)
        assert requests(store, reviewed) == [asked]
        with pytest.raises(AlreadyExistsError, match="is pending"):
            ask(store, reviewed, "bob")
        told = reject(store, reviewed, "bob", "what about the small flats?")
        assert (told.activity_type, told.comment) == (
            "REJECTED_REQUEST",
            "what about the small flats?",
        )
        assert requests(store, reviewed) == []
        ask(store, reviewed)
        told = approve(store, reviewed, "bob")
        assert (told.activity_type, told.from_stage, told.to_stage) == (
            "APPLIED_TRANSITION",
            "None",
            "Production",
        )
        assert version_of(store, reviewed).current_stage == "Production"
        closed = requests(store, reviewed, "all")
        assert [one.status for one in closed] == ["approved", "rejected"]
        assert [one.decisions[0].user_id for one in closed] == ["bob", "bob"]
        with pytest.raises(NotFoundError, match="is pending"):
            approve(store, reviewed, "bob")
        with pytest.raises(BadRequestError, match="is in Production"):
            ask(store, reviewed)

    def test_a_request_is_taken_back_by_who_has_made_it(
        self, store: TrackingStore, reviewed: str
    ) -> None:
        ask(store, reviewed)
        question = v.DeleteTransitionRequest(
            name=reviewed, version="1", stage="production", user_id="bob"
        )
        with pytest.raises(PermissionDeniedError, match="'ann'"):
            store.delete_transition_request(question)
        mine = v.DeleteTransitionRequest(
            name=reviewed, version="1", stage="Production", user_id="ann"
        )
        assert store.delete_transition_request(mine).activity.activity_type == "CANCELLED_REQUEST"
        assert [one.status for one in requests(store, reviewed, "cancelled")] == ["cancelled"]

    def test_a_request_that_nobody_decides_on_expires(
        self, store: TrackingStore, reviewed: str
    ) -> None:
        policy(store, reviewed, MoveRule("Production", expires_days=0.1 / 86_400))
        ask(store, reviewed)
        time.sleep(0.2)
        assert requests(store, reviewed) == []
        assert [one.status for one in requests(store, reviewed, "expired")] == ["expired"]
        with pytest.raises(NotFoundError):
            approve(store, reviewed, "bob")
        assert ask(store, reviewed).status == "pending"

    def test_what_is_asked_of_nothing_is_told(self, store: TrackingStore, reviewed: str) -> None:
        with pytest.raises(NotFoundError, match="nobody"):
            ask(store, "nobody")
        with pytest.raises(NotFoundError, match="version=9"):
            ask(store, reviewed, version="9")
        with pytest.raises(InvalidValueError, match="Value must be one of"):
            ask(store, reviewed, stage="Live")
        with pytest.raises(InvalidValueError, match="No status"):
            requests(store, reviewed, "lost")

    # Policies

    def test_a_policy_asks_for_so_many_approvals_of_so_many_people(
        self, store: TrackingStore, reviewed: str
    ) -> None:
        policy(
            store, reviewed,
            MoveRule("Production", approvals=2, approvers=["bob", "cleo", "ann"], alias="live",
                     archive_existing_versions=True),
            MoveRule("Staging", ["None"]),
        )  # fmt: skip
        new_version(store, reviewed)
        with pytest.raises(PermissionDeniedError, match="2 approvals"):
            move(store, reviewed, "1", "Production")
        with pytest.raises(BadRequestError, match="no move from None to Archived"):
            move(store, reviewed, "1", "Archived")
        move(store, reviewed, "2", "Staging")
        ask(store, reviewed)
        for user, why in (("dave", "may not decide"), ("ann", "another one"), (None, "may not")):
            with pytest.raises(PermissionDeniedError, match=why):
                approve(store, reviewed, user)
        approve(store, reviewed, "bob")
        with pytest.raises(AlreadyExistsError, match="'bob' has decided"):
            approve(store, reviewed, "bob")
        assert version_of(store, reviewed).current_stage == "None"
        approve(store, reviewed, "cleo")
        assert version_of(store, reviewed).aliases == ["live"]
        ask(store, reviewed, version="2")
        approve(store, reviewed, "bob", "2")
        approve(store, reviewed, "cleo", "2")
        assert stages(store, reviewed, 2) == ["Archived", "Production"]
        found = store.get_model_version_by_alias(r.GetByAlias(reviewed, "live")).model_version
        assert found.version == "2"

    def test_approvals_at_once_move_a_version_once(
        self, store: TrackingStore, reviewed: str
    ) -> None:
        policy(store, reviewed, MoveRule("Production", approvals=3))
        ask(store, reviewed)

        def agree(number: int) -> bool:
            try:
                approve(store, reviewed, f"user {number}")
            except HeadraceError:
                return False
            return True

        with ThreadPoolExecutor(8) as pool:
            assert sum(pool.map(agree, range(8))) == 3
        told = store.list_activities(v.ListActivities(reviewed)).activities
        assert [one.activity_type for one in told].count("APPLIED_TRANSITION") == 1

    def test_tags_and_metrics_are_gates(self, store: TrackingStore, experiment_id: str) -> None:
        name = new_model(store)
        for accuracy in (0.8, 0.85, 0.9):
            run_id = new_run(store, experiment_id)
            store.log_batch(w.LogBatch(run_id, [Metric("accuracy", accuracy, 1, 0)]))
            question = r.CreateModelVersion(name, f"runs:/{run_id}/model", run_id)
            store.create_model_version(question)
        gate = MetricGate("accuracy", at_least=0.7, better_than_current=0.08)
        policy(
            store, name,
            MoveRule("Production", tags={"gdpr": "passed", "seen": "*"}, metrics=[gate]),
        )  # fmt: skip

        def lacks(version: str) -> list[str]:
            question = v.CheckTransition(name, version, "production")
            checked = store.check_transition(question)
            assert checked.allowed == (not checked.reasons)
            return checked.reasons

        assert lacks("1") == ["The tag 'gdpr' is missing.", "The tag 'seen' is missing."]
        with pytest.raises(BadRequestError, match=r"may not move.*'gdpr' is missing.*'seen'"):
            move(store, name, "1", "Production")
        for version in ("1", "2", "3"):
            store.set_model_version_tag(r.SetModelVersionTag(name, version, "gdpr", "failed"))
            store.set_model_version_tag(r.SetModelVersionTag(name, version, "seen", "yes"))
        assert lacks("1") == ["The tag 'gdpr' is 'failed' and must be 'passed'."]
        for version in ("1", "2", "3"):
            store.set_model_version_tag(r.SetModelVersionTag(name, version, "gdpr", "passed"))
        move(store, name, "1", "Production")
        assert lacks("2") == [
            "The metric 'accuracy' is 0.85; version 1, which is there now, has 0.8, and it must be better by "
            "0.08."
        ]
        assert lacks("3") == []
        new_version(store, name, gdpr="passed", seen="no")
        assert lacks("4") == ["The metric 'accuracy' is missing."]

    def test_a_model_may_have_stages_of_its_own(self, store: TrackingStore, reviewed: str) -> None:
        policy(store, reviewed, stages=["None", "Canary", "Live"])
        move(store, reviewed, "1", "canary")
        assert version_of(store, reviewed).current_stage == "Canary"
        latest = store.get_latest_versions(r.GetLatestVersions(reviewed, ["Canary"])).model_versions
        assert [each.version for each in latest] == ["1"]
        model = store.get_registered_model(r.GetRegisteredModel(reviewed)).registered_model
        assert [each.current_stage for each in model.latest_versions] == ["Canary"]
        with pytest.raises(InvalidValueError, match="None, Canary, Live"):
            move(store, reviewed, "1", "Staging")
        store.delete_model_policy(v.DeleteModelPolicy(name=reviewed, user_id="boss"))
        assert store.get_model_policy(v.GetModelPolicy(reviewed)).policy == ModelPolicy()

    @pytest.mark.parametrize(
        ("wrong", "why"),
        [
            (ModelPolicy(["Staging", "None"]), "must begin with 'None'"),
            (ModelPolicy(["None", "A", "a"]), "different"),
            (ModelPolicy(moves=[MoveRule("Live")]), r"moves\[0\] names the stage 'Live'"),
            (ModelPolicy(moves=[MoveRule("Staging", ["Live"])]), "'Live'"),
            (ModelPolicy(moves=[MoveRule("Staging", approvals=-1)]), "negative"),
            (
                ModelPolicy(["None", "A"], [MoveRule("A", archive_existing_versions=True)]),
                "Archived",
            ),
        ],
    )
    def test_a_policy_that_contradicts_itself_is_refused(
        self, store: TrackingStore, reviewed: str, wrong: ModelPolicy, why: str
    ) -> None:
        with pytest.raises(InvalidValueError, match=why):
            store.set_model_policy(v.SetModelPolicy(policy=wrong, name=reviewed))

    # Comments and history

    def test_comments_are_of_who_has_made_them(self, store: TrackingStore, reviewed: str) -> None:
        question = v.CreateComment(name=reviewed, version="1", comment="well done", user_id="ann")
        made = store.create_comment(question).comment
        assert (made.user_id, made.comment, made.name) == ("ann", "well done", reviewed)
        for act in (
            lambda: store.update_comment(v.UpdateComment(id=made.id, comment="x", user_id="bob")),
            lambda: store.delete_comment(v.DeleteComment(id=made.id, user_id="bob")),
        ):
            with pytest.raises(PermissionDeniedError, match="'ann'"):
                act()
        changed = v.UpdateComment(id=made.id, comment="very well done", user_id="ann")
        assert store.update_comment(changed).comment.comment == "very well done"
        store.delete_comment(v.DeleteComment(id=made.id, user_id="ann"))
        with pytest.raises(NotFoundError, match="No comment"):
            store.delete_comment(v.DeleteComment(id=made.id, user_id="ann"))
        with pytest.raises(InvalidValueError, match="says something"):
            store.create_comment(v.CreateComment(name=reviewed, version="1", comment=" "))

    def test_history_tells_who_did_what_and_what_was_where_when(
        self, store: TrackingStore, reviewed: str
    ) -> None:
        new_version(store, reviewed)
        for version in ("1", "2"):
            question = r.TransitionStage(
                reviewed,
                version,
                "Production",
                archive_existing_versions=True,
                user_id=f"user {version}",
            )
            store.transition_model_version_stage(question)
            time.sleep(0.005)
        told = store.list_activities(v.ListActivities(reviewed)).activities
        assert [
            (one.version, one.activity_type, one.user_id, one.from_stage, one.to_stage)
            for one in told
        ] == [
            ("2", "APPLIED_TRANSITION", "user 2", "None", "Production"),
            ("1", "SYSTEM_TRANSITION", "user 2", "Production", "Archived"),
            ("1", "APPLIED_TRANSITION", "user 1", "None", "Production"),
        ]
        page = store.list_activities(v.ListActivities(reviewed, max_results=2))
        rest = store.list_activities(v.ListActivities(reviewed, page_token=page.next_page_token))
        assert [*page.activities, *rest.activities] == told
        only = store.list_activities(v.ListActivities(reviewed, "2")).activities
        assert only == told[:1]

        def in_production(at: int | None) -> list[str]:
            return store.find_in_stage(v.FindInStage(reviewed, "production", at)).versions

        first, second = told[2].creation_timestamp, told[0].creation_timestamp
        assert in_production(first - 1) == []
        assert in_production(first) == ["1"]
        assert in_production(second) == in_production(None) == ["2"]
        store.delete_model_version(r.DeleteModelVersion(reviewed, "1"))
        found = store.find_in_stage(v.FindInStage(reviewed, "Production", first))
        assert (found.versions, found.model_versions) == (["1"], [])

    # Audit

    def test_every_change_leaves_a_record_in_a_chain(
        self, store: TrackingStore, reviewed: str
    ) -> None:
        before = store.verify_audit(v.VerifyAudit())
        assert before.intact
        ask(store, reviewed, "ann")
        with pytest.raises(AlreadyExistsError):
            ask(store, reviewed, "bob")
        approve(store, reviewed, "bob")
        store.set_model_version_tag(r.SetModelVersionTag(reviewed, "1", "k", "v"))
        records = store.list_audit(v.ListAudit(before.records)).records
        assert [(one.user_id, one.action, one.subject) for one in records] == [
            ("ann", "create_transition_request", f"{reviewed}/1"),
            ("bob", "approve_transition_request", f"{reviewed}/1"),
            ("", "set_model_version_tag", f"{reviewed}/1"),
        ]
        assert [one.number for one in records] == [before.records + n for n in (1, 2, 3)]
        after = store.verify_audit(v.VerifyAudit())
        assert (after.intact, after.records) == (True, before.records + 3)
        assert after.head == records[-1].hash != before.head
