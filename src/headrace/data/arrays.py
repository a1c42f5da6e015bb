"""Arrays of NumPy as datasets."""

from collections.abc import Callable, Mapping
from typing import Any

from headrace.data import digests, schemas
from headrace.data.dataset import Dataset

Arrays = Any
"""An array, or a dict of arrays by name."""


class NumpyDataset(Dataset):
    """Features, and targets if there are any."""

    def __init__(
        self,
        features: Arrays,
        source: Any = None,
        targets: Arrays | None = None,
        name: str | None = None,
        digest: str | None = None,
    ) -> None:
        super().__init__(source, name, digest)
        self.features, self.targets = features, targets

    @property
    def schema(self) -> dict[str, Any]:
        return schemas.of_arrays(self.features, self.targets)

    @property
    def profile(self) -> dict[str, Any]:
        """Shapes and sizes."""
        found = {}
        for role, arrays in (("features", self.features), ("targets", self.targets)):
            if arrays is not None:
                found[f"{role}_shape"] = _each(arrays, lambda array: list(array.shape))
                found[f"{role}_size"] = _each(arrays, lambda array: int(array.size))
                found[f"{role}_nbytes"] = _each(arrays, lambda array: int(array.nbytes))
        return found

    def _digest(self) -> str:
        return digests.of_arrays(self.features, self.targets)


def from_numpy(
    features: Arrays,
    source: Any = None,
    targets: Arrays | None = None,
    name: str | None = None,
    digest: str | None = None,
) -> NumpyDataset:
    """A dataset of arrays, or of dicts of arrays by name."""
    return NumpyDataset(features, source, targets, name, digest)


def _each(arrays: Arrays, of: Callable[[Any], Any]) -> Any:
    if isinstance(arrays, Mapping):
        return {key: of(array) for key, array in arrays.items()}
    return of(arrays)
