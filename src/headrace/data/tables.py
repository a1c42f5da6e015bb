"""Tables as datasets: data frames of pandas and Polars, and tables of Arrow."""

from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING, Any

from headrace import plugins
from headrace.data import digests, schemas
from headrace.data.dataset import Dataset
from headrace.errors import InvalidValueError

if TYPE_CHECKING:
    import pandas as pd

_READERS = {
    ".csv": "pandas:read_csv",
    ".tsv": "pandas:read_table",
    ".parquet": "pandas:read_parquet",
    ".feather": "pandas:read_feather",
    ".json": "pandas:read_json",
}


class TableDataset(Dataset):
    """Rows and columns; ``targets`` and ``predictions`` name columns."""

    def __init__(
        self,
        df: Any,
        source: Any = None,
        targets: str | None = None,
        name: str | None = None,
        digest: str | None = None,
        predictions: str | None = None,
    ) -> None:
        super().__init__(source, name, digest)
        self.df, self.targets, self.predictions = df, targets, predictions
        self._require(targets, self._columns(), "targets")
        self._require(predictions, self._columns(), "predictions")

    @property
    def profile(self) -> dict[str, int]:
        """How many rows and cells there are."""
        rows = len(self.df)
        return {"num_rows": rows, "num_elements": rows * len(self._columns())}

    def _columns(self) -> list[Any]:
        return list(self.df.columns)


class PandasDataset(TableDataset):
    """A data frame of pandas."""

    @property
    def schema(self) -> Any:
        return schemas.of_pandas(self.df)

    def _digest(self) -> str:
        return digests.of_frame(self.df)


class PolarsDataset(TableDataset):
    """A data frame of Polars. Its digest is Polars' own, which does not depend on the order of rows."""

    @property
    def schema(self) -> Any:
        return schemas.of_polars(self.df)

    def _digest(self) -> str:
        return str(self.df.hash_rows().sum())


class ArrowDataset(TableDataset):
    """A table of Arrow. Digest and schema are those of the same data in pandas."""

    @property
    def schema(self) -> Any:
        return schemas.of_pandas(self._head())

    def _digest(self) -> str:
        return digests.of_frame(self._head(), len(self.df))

    def _columns(self) -> list[Any]:
        return list(self.df.column_names)

    def _head(self) -> "pd.DataFrame":
        frame: pd.DataFrame = self.df.slice(0, digests.MAX_ROWS).to_pandas()
        return frame


def from_pandas(
    df: "pd.DataFrame",
    source: Any = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> PandasDataset:
    """A dataset of a data frame of pandas."""
    return PandasDataset(df, source, targets, name, digest, predictions)


def from_polars(
    df: Any,
    source: Any = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> PolarsDataset:
    """A dataset of a data frame of Polars."""
    return PolarsDataset(df, source, targets, name, digest, predictions)


def from_arrow(
    table: Any,
    source: Any = None,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    predictions: str | None = None,
) -> ArrowDataset:
    """A dataset of a table of Arrow."""
    return ArrowDataset(table, source, targets, name, digest, predictions)


def load(
    path: str | Path,
    targets: str | None = None,
    name: str | None = None,
    digest: str | None = None,
    **options: Any,
) -> PandasDataset:
    """Read a file or a URL with pandas, by its ending; its place is the dataset's source, its stem the name."""
    plain = PurePosixPath(str(path).partition("?")[0])
    reader = _READERS.get(plain.suffix.lower())
    if reader is None:
        raise InvalidValueError(f"'{path}' has none of the endings {', '.join(_READERS)}.")
    frame = plugins.load(reader)(path, **options)
    return PandasDataset(frame, path, targets, name or plain.stem, digest)
