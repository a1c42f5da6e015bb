"""Logged models, and the current one."""

from contextvars import ContextVar
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from headrace import plugins
from headrace.client.paging import PagedList, all_pages
from headrace.client.tracking import MlflowClient
from headrace.entities import LoggedModel
from headrace.errors import InvalidValueError
from headrace.fluent import current
from headrace.fluent.experiments import current_experiment_id

if TYPE_CHECKING:
    import pandas as pd

active_model: ContextVar[str | None] = ContextVar("headrace_model", default=None)
_last: list[str] = []
_PAGE = 1000


class ActiveModel(LoggedModel, frozen=True):
    """The current model; as a context manager it is that for its block."""

    previous: str | None = None

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        active_model.set(self.previous)


def initialize_logged_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
) -> LoggedModel:
    """A new model, PENDING until `finalize_logged_model`; it belongs to the current run, if there is one."""
    opened = current.top()
    run_id = source_run_id or (opened.run_id if opened is not None else None)
    if experiment_id is None:
        experiment_id = (
            current_experiment_id()
            if run_id is None
            else MlflowClient().get_run(run_id).info.experiment_id
        )
    model = MlflowClient().create_logged_model(
        experiment_id, name, run_id, tags, params, model_type
    )
    _last[:] = [model.model_id]
    return model


def create_external_model(
    name: str | None = None,
    source_run_id: str | None = None,
    tags: dict[str, str] | None = None,
    params: dict[str, str] | None = None,
    model_type: str | None = None,
    experiment_id: str | None = None,
) -> LoggedModel:
    """A model whose files are kept elsewhere; it is READY at once."""
    marked = {**(tags or {}), "mlflow.model.isExternal": "true"}
    model = initialize_logged_model(name, source_run_id, marked, params, model_type, experiment_id)
    return finalize_logged_model(model.model_id, "READY")


def finalize_logged_model(model_id: str, status: str) -> LoggedModel:
    """Mark a model READY or FAILED."""
    return MlflowClient().finalize_logged_model(model_id, status)


def get_logged_model(model_id: str) -> LoggedModel:
    """The model of this id."""
    return MlflowClient().get_logged_model(model_id)


def last_logged_model() -> LoggedModel | None:
    """The model that was made last in this process."""
    return get_logged_model(_last[0]) if _last else None


def log_model_params(params: dict[str, str], model_id: str | None = None) -> None:
    """Params of a model, of the current one if none is named."""
    chosen = model_id or get_active_model_id()
    if chosen is None:
        raise InvalidValueError("No model: give model_id, or choose one with set_active_model.")
    MlflowClient().log_model_params(chosen, params)


def set_logged_model_tags(model_id: str, tags: dict[str, Any]) -> None:
    """Set tags of a model."""
    MlflowClient().set_logged_model_tags(model_id, tags)


def delete_logged_model_tag(model_id: str, key: str) -> None:
    """Remove a tag of a model."""
    MlflowClient().delete_logged_model_tag(model_id, key)


def search_logged_models(
    experiment_ids: list[str] | None = None,
    filter_string: str | None = None,
    datasets: list[dict[str, str]] | None = None,
    max_results: int | None = None,
    order_by: list[dict[str, Any]] | None = None,
    output_format: str = "pandas",
) -> "list[LoggedModel] | pd.DataFrame":
    """The models that match, as a data frame with a row each, or as a list."""
    if output_format not in ("pandas", "list"):
        raise InvalidValueError(f"output_format is 'pandas' or 'list', not '{output_format}'.")
    client = MlflowClient()
    ids = experiment_ids or [current_experiment_id()]

    def page(size: int, token: str | None) -> PagedList[LoggedModel]:
        return client.search_logged_models(ids, filter_string, datasets, size, order_by, token)

    found = all_pages(page, _PAGE, max_results)
    if output_format == "list":
        return found
    frame: pd.DataFrame = plugins.load("headrace.client.frames:of_models")(found)
    return frame


def set_active_model(*, name: str | None = None, model_id: str | None = None) -> ActiveModel:
    """Make a model the current one: metrics belong to it unless they name another.

    By id, or by name: the latest of that name in the current experiment, or a new one.
    """
    if (name is None) == (model_id is None):
        raise InvalidValueError("Give the model's name or its id, and not both.")
    model = get_logged_model(model_id) if model_id is not None else _latest(str(name))
    previous = active_model.get()
    active_model.set(model.model_id)
    return ActiveModel(model.info, model.data, previous)


def get_active_model_id() -> str | None:
    """The id of the current model, if there is one."""
    return active_model.get()


def clear_active_model() -> None:
    """Have no current model."""
    active_model.set(None)


def _latest(name: str) -> LoggedModel:
    found = MlflowClient().search_logged_models(
        [current_experiment_id()], f"name = '{name}'", max_results=1
    )
    return found[0] if found else create_external_model(name)
