"""Tables as files of runs: logged row by row, read together over many runs."""

import json
from collections.abc import Mapping
from io import BytesIO, StringIO
from typing import TYPE_CHECKING, Any

from headrace import plugins
from headrace.client import transfer
from headrace.client.artifacts import Artifacts
from headrace.client.paging import PagedList, all_pages
from headrace.client.runs import Runs
from headrace.entities import Run
from headrace.errors import InvalidValueError, NotFoundError

if TYPE_CHECKING:
    import pandas as pd

LOGGED_TABLES_TAG = "mlflow.loggedArtifacts"


class Tables(Artifacts, Runs):
    """Logs and loads tables. A table is a JSON file of columns and rows, or a Parquet file."""

    def log_table(
        self, run_id: str, data: "Mapping[str, Any] | pd.DataFrame", artifact_file: str
    ) -> None:
        """Store a table, or add rows to one that is there; columns that a part lacks are empty."""
        new = _frame(data)
        store = self._files_of_run(run_id)
        try:
            old = _read(transfer.read_whole(store, artifact_file), artifact_file)
        except NotFoundError:
            whole = new
        else:
            whole = plugins.load("pandas:concat")([old, new], ignore_index=True)
        store.write(artifact_file, [_written(whole, artifact_file)])
        self._note_table(run_id, artifact_file)

    def load_table(
        self,
        experiment_id: str,
        artifact_file: str,
        run_ids: list[str] | None = None,
        extra_columns: list[str] | None = None,
    ) -> "pd.DataFrame":
        """The table of all runs that logged it, or of ``run_ids``, one below the other.

        ``extra_columns`` adds fields of the run to each row, such as ``run_id`` or ``start_time``.
        """
        frames = []
        for run in self._runs_with_table(experiment_id, artifact_file, run_ids):
            text = transfer.read_whole(self._files_of_run(run.info.run_id), artifact_file)
            frame = _read(text, artifact_file)
            for column in extra_columns or ():
                frame[column] = _extra(run, column)
            frames.append(frame)
        if not frames:
            raise NotFoundError(
                f"No run of experiment {experiment_id} has a table '{artifact_file}'."
            )
        whole: pd.DataFrame = plugins.load("pandas:concat")(frames, ignore_index=True)
        return whole

    def _runs_with_table(
        self, experiment_id: str, artifact_file: str, run_ids: list[str] | None
    ) -> list[Run]:
        if run_ids is not None:
            return [self.get_run(run_id) for run_id in run_ids]

        def page(size: int, token: str | None) -> PagedList[Run]:
            tagged = f"tags.`{LOGGED_TABLES_TAG}` LIKE '%{artifact_file}%'"
            return self.search_runs([experiment_id], tagged, 1, size, None, token)

        return [run for run in all_pages(page, 1000) if artifact_file in _tables(run)]

    def _note_table(self, run_id: str, artifact_file: str) -> None:
        noted = json.loads(self.get_run(run_id).data.tags.get(LOGGED_TABLES_TAG, "[]"))
        entry = {"path": artifact_file, "type": "table"}
        if entry not in noted:
            self.set_tag(run_id, LOGGED_TABLES_TAG, json.dumps([*noted, entry]), synchronous=True)


def _tables(run: Run) -> set[str]:
    noted = json.loads(run.data.tags.get(LOGGED_TABLES_TAG, "[]"))
    return {entry["path"] for entry in noted if entry.get("type") == "table"}


def _extra(run: Run, column: str) -> Any:
    for source in (run.info, run.data.params, run.data.metrics, run.data.tags):
        if isinstance(source, dict) and column in source:
            return source[column]
        if hasattr(source, column):
            return getattr(source, column)
    raise InvalidValueError(f"A run has no field, param, metric or tag '{column}'.")


def _frame(data: Any) -> "pd.DataFrame":
    if isinstance(data, Mapping):
        columns = {name: value if _is_column(value) else [value] for name, value in data.items()}
        try:
            frame: pd.DataFrame = plugins.load("pandas:DataFrame")(columns)
        except ValueError as error:
            raise InvalidValueError(f"The columns do not make a table: {error}.") from error
        return frame
    if hasattr(data, "to_pandas"):  # of Polars or of Arrow
        data = data.to_pandas()
    if hasattr(data, "columns") and hasattr(data, "to_json"):
        same: pd.DataFrame = data
        return same
    raise InvalidValueError(
        "A table must be a dict of columns, a data frame of pandas or Polars, or a table of Arrow, "
        f"not {type(data).__name__}."
    )


def _is_column(value: Any) -> bool:
    return hasattr(value, "__len__") and not isinstance(value, str | bytes | Mapping)


def _written(frame: "pd.DataFrame", file: str) -> bytes:
    if file.endswith(".parquet"):
        out = BytesIO()
        frame.to_parquet(out)
        return out.getvalue()
    if not file.endswith(".json"):
        raise InvalidValueError(f"A table is a .json or a .parquet file, not '{file}'.")
    return str(frame.to_json(orient="split", index=False, date_format="iso")).encode()


def _read(data: bytes, file: str) -> "pd.DataFrame":
    if file.endswith(".parquet"):
        frame: pd.DataFrame = plugins.load("pandas:read_parquet")(BytesIO(data))
    else:
        frame = plugins.load("pandas:read_json")(StringIO(data.decode()), orient="split")
    return frame
