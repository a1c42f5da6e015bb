"""Logged models, as the explicit client offers them."""

from typing import Any

import msgspec

from headrace.client import values
from headrace.client.connection import Connected
from headrace.client.paging import PagedList
from headrace.entities import (
    WIRE_MODEL_STATUS,
    LoggedModel,
    LoggedModelParameter,
    LoggedModelTag,
)
from headrace.errors import InvalidValueError
from headrace.wire import tracking as w
from headrace.wire.limits import MAX_PARAMS


class LoggedModels(Connected):
    """Creates, finds and changes logged models."""

    def create_logged_model(
        self,
        experiment_id: str,
        name: str | None = None,
        source_run_id: str | None = None,
        tags: dict[str, str] | None = None,
        params: dict[str, str] | None = None,
        model_type: str | None = None,
    ) -> LoggedModel:
        """A new model, PENDING until `finalize_logged_model`."""
        given = _params(params)
        question = w.CreateLoggedModel(
            experiment_id=str(experiment_id),
            name=name,
            model_type=model_type,
            source_run_id=source_run_id,
            params=given[:MAX_PARAMS],
            tags=values.tags(tags, LoggedModelTag),
        )
        model = self._store.create_logged_model(question).model
        self._log_params(model.model_id, given[MAX_PARAMS:])
        return self.get_logged_model(model.model_id) if given[MAX_PARAMS:] else model

    def get_logged_model(self, model_id: str) -> LoggedModel:
        """The model of this id; `NotFoundError` for a deleted one."""
        return self._store.get_logged_model(w.GetLoggedModel(model_id)).model

    def finalize_logged_model(self, model_id: str, status: str) -> LoggedModel:
        """Mark the model READY or FAILED."""
        text = str(getattr(status, "value", status))
        if text not in WIRE_MODEL_STATUS:
            raise InvalidValueError(
                f"No model status '{status}'. Known: {', '.join(WIRE_MODEL_STATUS)}."
            )
        question = w.FinalizeLoggedModel(model_id, WIRE_MODEL_STATUS[text])
        return self._store.finalize_logged_model(question).model

    def delete_logged_model(self, model_id: str) -> None:
        """Mark it as deleted."""
        self._store.delete_logged_model(w.DeleteLoggedModel(model_id))

    def log_model_params(self, model_id: str, params: dict[str, str]) -> None:
        """Params of the model; each is written once."""
        self._log_params(model_id, _params(params))

    def set_logged_model_tags(self, model_id: str, tags: dict[str, Any]) -> None:
        """Set tags; the last value wins."""
        question = w.SetLoggedModelTags(model_id, values.tags(tags, LoggedModelTag))
        self._store.set_logged_model_tags(question)

    def delete_logged_model_tag(self, model_id: str, key: str) -> None:
        """Remove a tag; `NotFoundError` if it is not there."""
        self._store.delete_logged_model_tag(w.DeleteLoggedModelTag(model_id, key))

    def search_logged_models(
        self,
        experiment_ids: list[str],
        filter_string: str | None = None,
        datasets: list[dict[str, Any]] | None = None,
        max_results: int | None = None,
        order_by: list[dict[str, Any]] | None = None,
        page_token: str | None = None,
    ) -> PagedList[LoggedModel]:
        """A page of the models that match, newest first unless ordered otherwise."""
        try:
            question = w.SearchLoggedModels(
                experiment_ids=[str(experiment_id) for experiment_id in experiment_ids],
                filter=filter_string or None,
                datasets=msgspec.convert(datasets or [], list[w.ModelDataset]),
                max_results=max_results,
                order_by=msgspec.convert(order_by or [], list[w.ModelOrderBy]),
                page_token=page_token,
            )
        except msgspec.ValidationError as error:
            raise InvalidValueError(f"datasets or order_by cannot be read: {error}.") from error
        found = self._store.search_logged_models(question)
        return PagedList(found.models, found.next_page_token)

    def _log_params(self, model_id: str, params: list[LoggedModelParameter]) -> None:
        for start in range(0, len(params), MAX_PARAMS):
            part = params[start : start + MAX_PARAMS]
            self._store.log_logged_model_params(w.LogLoggedModelParams(model_id, part))


def _params(given: dict[str, str] | None) -> list[LoggedModelParameter]:
    return [
        LoggedModelParameter(values.name_of(key), str(value))
        for key, value in (given or {}).items()
    ]
