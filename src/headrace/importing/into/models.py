"""Logged models: made under the ids that they had."""

from headrace.client.artifacts import open_files
from headrace.entities import LoggedModel, LoggedModelParameter, LoggedModelTag
from headrace.errors import HeadraceError, NotFoundError
from headrace.importing.into import files
from headrace.importing.into.experiments import Placed
from headrace.importing.into.runs import model_there
from headrace.importing.into.target import Target, require_sound
from headrace.importing.nouns import FoundModel
from headrace.wire import tracking as w


def take(target: Target, experiment: Placed, found: FoundModel) -> None:
    """Add what the store lacks of a model; what cannot be taken is noted."""
    try:
        there = model_there(target, found.model.model_id)
        fresh = there is None
        if there is None:
            there = _create(target, experiment, found.model)
            target.report.added.models += 1
        elif there.experiment_id != experiment.experiment_id:
            why = f"experiment {there.experiment_id} of the store has a model with this id"
            target.report.leave("model", found.model.model_id, why)
            return
        elif not _is_deleted(target, found.model.model_id):
            _complete(target, experiment, there, found.model)
        store = open_files(there.artifact_location, target.uri)
        files.copy(target, found.model.model_id, found.files, store, fresh=fresh)
        if found.deleted and not _is_deleted(target, found.model.model_id):
            target.store.delete_logged_model(w.DeleteLoggedModel(found.model.model_id))
    except (HeadraceError, OSError) as error:
        target.leave("model", found.model.model_id, error)


def _create(target: Target, experiment: Placed, model: LoggedModel) -> LoggedModel:
    info = model.info
    experiment.open()
    params, tags = _keepable(target, model)
    question = w.CreateLoggedModel(
        experiment.experiment_id,
        name=info.name,
        model_type=info.model_type or None,
        source_run_id=info.source_run_id or None,
        params=params,
        tags=tags,
        model_id=info.model_id,
        status=info.status,
        status_message=info.status_message,
        creation_timestamp_ms=info.creation_timestamp_ms,
        last_updated_timestamp_ms=info.last_updated_timestamp_ms,
    )
    require_sound(question)
    return target.store.create_logged_model(question).model


def _complete(target: Target, experiment: Placed, there: LoggedModel, model: LoggedModel) -> None:
    params, tags = _keepable(target, model)
    params = [param for param in params if param.key not in there.params]
    tags = [tag for tag in tags if tag.key not in there.tags]
    ended = there.status in ("PENDING", "UNSPECIFIED") and model.status not in (
        there.status,
        "UNSPECIFIED",
    )
    if params or tags or ended:
        experiment.open()
    if params:
        target.store.log_logged_model_params(w.LogLoggedModelParams(there.model_id, params))
    if tags:
        target.store.set_logged_model_tags(w.SetLoggedModelTags(there.model_id, tags))
    if ended:
        target.store.finalize_logged_model(w.FinalizeLoggedModel(there.model_id, model.info.status))


def _keepable(
    target: Target, model: LoggedModel
) -> tuple[list[LoggedModelParameter], list[LoggedModelTag]]:
    model_id = model.model_id
    params = {
        key: w.LogLoggedModelParams(model_id, [LoggedModelParameter(key, value)])
        for key, value in model.params.items()
    }
    tags = {
        key: w.SetLoggedModelTags(model_id, [LoggedModelTag(key, value)])
        for key, value in model.tags.items()
    }
    kept = target.keepable("model param", model_id, params)
    kept_tags = target.keepable("model tag", model_id, tags)
    return (
        [one for key, asked in params.items() if key in kept for one in asked.params],
        [one for key, asked in tags.items() if key in kept_tags for one in asked.tags],
    )


def _is_deleted(target: Target, model_id: str) -> bool:
    try:
        target.store.get_logged_model(w.GetLoggedModel(model_id))
    except NotFoundError:
        return True
    return False
