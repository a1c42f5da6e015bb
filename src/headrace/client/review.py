"""Reviews of model versions, as the explicit client offers them."""

from headrace.client.connection import Connected
from headrace.client.source import user
from headrace.entities import (
    ModelActivity,
    ModelComment,
    ModelPolicy,
    ModelVersion,
    TransitionRequest,
)
from headrace.wire import review as v


class Reviews(Connected):
    """Asks for moves of versions, decides on them, and tells what happened.

    Who does it is the user of this machine, or who has signed in to the server.
    """

    def create_transition_request(
        self, name: str, version: str, stage: str, comment: str | None = None
    ) -> TransitionRequest:
        """Ask for a move to a stage; others decide."""
        question = v.CreateTransitionRequest(
            name=name, version=str(version), stage=stage, comment=comment, user_id=user()
        )
        return self._store.create_transition_request(question).request

    def list_transition_requests(
        self, name: str | None = None, version: str | None = None, status: str = "pending"
    ) -> list[TransitionRequest]:
        """The requests about a version, a model, or all; the newest first."""
        number = None if version is None else str(version)
        question = v.ListTransitionRequests(name, number, status)
        return self._store.list_transition_requests(question).requests

    def approve_transition_request(
        self,
        name: str,
        version: str,
        stage: str,
        archive_existing_versions: bool = False,
        comment: str | None = None,
    ) -> ModelActivity:
        """Agree; with the last approval that is needed the version moves."""
        question = v.ApproveTransitionRequest(
            name=name, version=str(version), stage=stage, comment=comment, user_id=user(),
            archive_existing_versions=archive_existing_versions,
        )  # fmt: skip
        return self._store.approve_transition_request(question).activity

    def reject_transition_request(
        self, name: str, version: str, stage: str, comment: str | None = None
    ) -> ModelActivity:
        """Refuse; the request is closed."""
        question = v.RejectTransitionRequest(
            name=name, version=str(version), stage=stage, comment=comment, user_id=user()
        )
        return self._store.reject_transition_request(question).activity

    def delete_transition_request(self, name: str, version: str, stage: str) -> ModelActivity:
        """Take one's own request back."""
        question = v.DeleteTransitionRequest(
            name=name, version=str(version), stage=stage, user_id=user()
        )
        return self._store.delete_transition_request(question).activity

    def create_model_version_comment(self, name: str, version: str, comment: str) -> ModelComment:
        """Say something about a version."""
        question = v.CreateComment(name=name, version=str(version), comment=comment, user_id=user())
        return self._store.create_comment(question).comment

    def update_model_version_comment(self, comment_id: str, comment: str) -> ModelComment:
        """Say it differently."""
        question = v.UpdateComment(id=comment_id, comment=comment, user_id=user())
        return self._store.update_comment(question).comment

    def delete_model_version_comment(self, comment_id: str) -> None:
        """Take one's own comment back."""
        self._store.delete_comment(v.DeleteComment(id=comment_id, user_id=user()))

    def list_model_activities(self, name: str, version: str | None = None) -> list[ModelActivity]:
        """What happened to the versions of a model, or to one; the newest first."""
        found, token = [], None
        while True:
            number = None if version is None else str(version)
            page = self._store.list_activities(v.ListActivities(name, number, page_token=token))
            found += page.activities
            token = page.next_page_token
            if token is None:
                return found

    def versions_in_stage(self, name: str, stage: str, at: int | None = None) -> list[ModelVersion]:
        """The versions that were in a stage at a moment (milliseconds since 1970), or are now; those that are left."""
        return self._store.find_in_stage(v.FindInStage(name, stage, at)).model_versions

    def check_transition(
        self, name: str, version: str, stage: str, policy: ModelPolicy | None = None
    ) -> v.CheckedTransition:
        """Whether a version may move to a stage by a policy, that of its model unless one is given."""
        return self._store.check_transition(v.CheckTransition(name, str(version), stage, policy))

    def set_model_policy(self, policy: ModelPolicy, name: str | None = None) -> ModelPolicy:
        """Set the policy of a model, or of all that have none of their own."""
        question = v.SetModelPolicy(policy=policy, name=name, user_id=user())
        return self._store.set_model_policy(question).policy

    def get_model_policy(self, name: str | None = None) -> ModelPolicy:
        """The policy that holds for a model."""
        return self._store.get_model_policy(v.GetModelPolicy(name)).policy

    def delete_model_policy(self, name: str | None = None) -> None:
        """Remove a policy, if there is one."""
        self._store.delete_model_policy(v.DeleteModelPolicy(name=name, user_id=user()))

    def verify_audit(self) -> v.VerifiedAudit:
        """Whether the log of changes is whole and unchanged."""
        return self._store.verify_audit(v.VerifyAudit())
