"""What an evaluation is made of, and what it finds."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, NamedTuple


@dataclass(frozen=True)
class Case:
    """What a model was asked, and what it said; one entry a row in each array."""

    target: Any
    predicted: Any
    probabilities: Any = None
    """Rows by classes, from models that give them."""
    classes: Any = None
    """The labels that the columns of ``probabilities`` are of."""
    weights: Any = None
    settings: Mapping[str, Any] = field(default_factory=dict)


class Measured(NamedTuple):
    """The findings of one evaluator, by name."""

    metrics: dict[str, float]
    tables: dict[str, Any]
    """Data frames, each kept as CSV."""
    pictures: dict[str, Callable[[Any], Any]]
    """What draws each into axes of Matplotlib."""


@dataclass(frozen=True)
class EvaluationArtifact:
    """A file that an evaluation left in its run."""

    uri: str
    content: Any = None


@dataclass(frozen=True)
class EvaluationResult:
    """The metrics and the files of an evaluation; both are in the run ``run_id`` too."""

    metrics: Mapping[str, float]
    artifacts: Mapping[str, EvaluationArtifact]
    run_id: str | None = None

    @property
    def tables(self) -> dict[str, Any]:
        """The data frames among the files, by name."""
        return {
            name: artifact.content
            for name, artifact in self.artifacts.items()
            if artifact.uri.endswith(".csv")
        }
