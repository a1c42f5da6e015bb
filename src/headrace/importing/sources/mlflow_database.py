"""MLflow's SQL store: a database of whatever version, read with plain statements and never written to."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any
from urllib.parse import quote

from sqlalchemy import Engine, column, func, select, table

from headrace.entities import (
    Dataset,
    DatasetInput,
    InputTag,
    LoggedModel,
    LoggedModelData,
    LoggedModelInfo,
    LoggedModelInput,
    LoggedModelOutput,
    LoggedModelParameter,
    LoggedModelTag,
    Metric,
)
from headrace.errors import InvalidValueError
from headrace.importing.folder import SourceFolder
from headrace.importing.gathering import columns_of, words
from headrace.importing.nouns import (
    Files,
    FoundExperiment,
    FoundModel,
    FoundRun,
    Series,
    Wishes,
)
from headrace.importing.places import Places
from headrace.importing.report import Report
from headrace.importing.sources.mlflow_fields import model_status, run_status
from headrace.importing.sources.mlflow_tables import LACKING, Tables
from headrace.stores.points import Columns
from headrace.stores.sql.database import created, database_url

_RUNS_AT_ONCE = 200
_OWN_WORKSPACE = "default"


def connect(address: str, wishes: Wishes, report: Report) -> "DatabaseSource":
    """The database of a URL, or of a SQLite file."""
    file = Path(address)
    url = database_url(f"sqlite:///{file.absolute()}" if file.is_file() else address)
    folder = None
    if url.get_backend_name() == "sqlite":
        file = Path(url.database or "").absolute()
        if not file.is_file():
            raise InvalidValueError(f"There is no file '{file}'.")
        folder = SourceFolder(file.parent)
        url = url.set(database=f"file:{quote(str(file))}", query={"mode": "ro", "uri": "true"})
    engine = created(url)
    try:
        return DatabaseSource(engine, Places(report, wishes.roots, folder=folder), wishes, report)
    except BaseException:
        engine.dispose()
        raise


class DatabaseSource:
    """Reads pages of runs; the points of a run are streamed."""

    def __init__(self, engine: Engine, places: Places, wishes: Wishes, report: Report) -> None:
        """Raises `InvalidValueError` if the database is not one of MLflow."""
        self._engine, self._places, self._wishes, self._report = engine, places, wishes, report
        self._tables = Tables(engine)
        if not all(map(self._tables.has, ("experiments", "runs", "metrics", "params", "tags"))):
            raise InvalidValueError(
                f"{engine.url.render_as_string()} is no database of MLflow: it lacks its tables."
            )

    def count(self) -> int | None:
        return int(self._tables.all(select(func.count()).select_from(table("runs")))[0][0])

    def experiments(self) -> Iterator[FoundExperiment]:
        for name, count in self._tables.lacking():
            self._report.leave("table", name, f"{count} {LACKING[name]}")
        rows = self._tables.all(self._tables.select("experiments").order_by("experiment_id"))
        for row in rows:
            own = row.workspace in (None, _OWN_WORKSPACE)
            tags = self._tables.rows("experiment_tags", "experiment_id", [row.experiment_id])
            yield FoundExperiment(
                name=words(row.name) if own else f"{row.workspace}/{row.name}",
                place=str(row.experiment_id),
                experiment_id=str(row.experiment_id),
                creation_time=row.creation_time,
                last_update_time=row.last_update_time,
                deleted=row.lifecycle_stage == "deleted",
                tags={words(tag.key): words(tag.value) for tag in tags},
            )

    def runs(self, experiment: FoundExperiment) -> Iterator[FoundRun]:
        last = ""
        while True:
            query = (
                self._tables.select("runs")
                .where(column("experiment_id") == int(experiment.place), column("run_uuid") > last)
                .order_by(column("run_uuid"))
                .limit(_RUNS_AT_ONCE)
            )
            page = self._tables.all(query)
            if not page:
                return
            yield from self._page(page)
            last = page[-1].run_uuid

    def models(self, experiment: FoundExperiment) -> Iterator[FoundModel]:
        rows = list(self._tables.rows("logged_models", "experiment_id", [int(experiment.place)]))
        ids = [row.model_id for row in rows]
        params = self._texts("logged_model_params", "model_id", ids, "param_key param_value")
        tags = self._texts("logged_model_tags", "model_id", ids, "tag_key tag_value")
        for row in rows:
            info = LoggedModelInfo(
                model_id=row.model_id,
                experiment_id=str(row.experiment_id),
                name=row.name,
                creation_timestamp_ms=row.creation_timestamp_ms,
                last_updated_timestamp_ms=row.last_updated_timestamp_ms,
                artifact_uri=row.artifact_location,
                status=model_status(row.status),
                model_type=row.model_type or "",
                source_run_id=row.source_run_id or "",
                status_message=row.status_message,
                tags=[LoggedModelTag(*pair) for pair in tags[row.model_id].items()],
            )
            data = [LoggedModelParameter(*pair) for pair in params[row.model_id].items()]
            yield FoundModel(
                model=LoggedModel(info, LoggedModelData(data)),
                deleted=row.lifecycle_stage == "deleted",
                files=self._files(row.artifact_location),
            )

    def close(self) -> None:
        self._engine.dispose()

    def _page(self, page: Sequence[Any]) -> Iterator[FoundRun]:
        ids = [row.run_uuid for row in page]
        params = self._texts("params", "run_uuid", ids, "key value")
        tags = self._texts("tags", "run_uuid", ids, "key value")
        datasets, measured = self._datasets(ids), self._measured(ids)
        inputs = self._linked_models(ids, "RUN_INPUT")
        outputs = self._linked_models(ids, "RUN_OUTPUT")
        for row in page:
            yield FoundRun(
                run_id=words(row.run_uuid),
                name=row.name,
                user_id=row.user_id,
                status=run_status(row.status),
                start_time=row.start_time,
                end_time=row.end_time,
                deleted=row.lifecycle_stage == "deleted",
                params=params[row.run_uuid],
                tags=tags[row.run_uuid],
                datasets=datasets[row.run_uuid],
                model_inputs=[LoggedModelInput(one) for one, _ in inputs[row.run_uuid]],
                model_outputs=[LoggedModelOutput(*one) for one in outputs[row.run_uuid]],
                model_metrics=measured[row.run_uuid],
                series=self._series(row.run_uuid),
                files=self._files(row.artifact_uri),
            )

    def _files(self, uri: str | None) -> Files:
        return self._places.files(uri) if uri and self._wishes.artifacts else ()

    def _texts(
        self, name: str, by: str, ids: Sequence[str], pair: str
    ) -> Mapping[str, dict[str, str]]:
        found: defaultdict[str, dict[str, str]] = defaultdict(dict)
        key, value = pair.split()
        for row in self._tables.rows(name, by, ids):
            found[getattr(row, by)][words(getattr(row, key))] = words(getattr(row, value))
        return found

    def _series(self, run_id: str) -> Iterator[Series]:
        query = self._tables.select("metrics").where(column("run_uuid") == run_id)
        for rows in self._tables.stream(query.order_by(column("key"), column("step"))):
            by_key: defaultdict[str, list[Any]] = defaultdict(list)
            for row in rows:
                by_key[words(row.key)].append(row)
            for key, some in by_key.items():
                yield Series(key, _points(some))

    def _datasets(self, ids: Sequence[str]) -> Mapping[str, list[DatasetInput]]:
        links = [
            row
            for row in self._tables.rows("inputs", "destination_id", ids)
            if (row.source_type, row.destination_type) == ("DATASET", "RUN")
        ]
        used = sorted({row.source_id for row in links})
        known = {
            row.dataset_uuid: row for row in self._tables.rows("datasets", "dataset_uuid", used)
        }
        tags = self._texts(
            "input_tags", "input_uuid", [row.input_uuid for row in links], "name value"
        )
        found: defaultdict[str, list[DatasetInput]] = defaultdict(list)
        for link in links:
            row = known.get(link.source_id)
            if row is None:
                why = f"there is no dataset '{link.source_id}'"
                self._report.leave("dataset", f"{link.destination_id}: {link.source_id}", why)
                continue
            dataset = Dataset(
                row.name,
                row.digest,
                row.dataset_source_type,
                row.dataset_source,
                row.dataset_schema,
                row.dataset_profile,
            )
            of_link = [InputTag(*pair) for pair in tags[link.input_uuid].items()]
            found[link.destination_id].append(DatasetInput(dataset, of_link))
        return found

    def _linked_models(self, ids: Sequence[str], kind: str) -> Mapping[str, list[tuple[str, int]]]:
        found: defaultdict[str, list[tuple[str, int]]] = defaultdict(list)
        for row in self._tables.rows("inputs", "source_id", ids):
            if row.source_type == kind:
                found[row.source_id].append((row.destination_id, row.step or 0))
        return found

    def _measured(self, ids: Sequence[str]) -> Mapping[str, list[Metric]]:
        found: defaultdict[str, list[Metric]] = defaultdict(list)
        for row in self._tables.rows("logged_model_metrics", "run_id", ids):
            value = float("nan") if row.metric_value is None else row.metric_value
            found[row.run_id].append(
                Metric(
                    row.metric_name,
                    value,
                    row.metric_timestamp_ms,
                    row.metric_step,
                    row.model_id,
                    row.dataset_name,
                    row.dataset_digest,
                )
            )
        return found


def _points(rows: Sequence[Any]) -> Columns:
    """A NaN is stored as 0 with a mark; an infinity as the largest number, and stays that."""
    nan = float("nan")
    return columns_of(
        [row.step or 0 for row in rows],
        [row.timestamp or 0 for row in rows],
        [nan if row.is_nan else row.value for row in rows],
    )
