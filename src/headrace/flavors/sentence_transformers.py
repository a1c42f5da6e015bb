"""Models of Sentence Transformers, in the folder that the library writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import folder_inside

_FOLDER = "model.sentence_transformer"


def save(model: Any, folder: Path) -> Saved:
    """Write the model with all of its parts."""
    library = plugins.load("sentence_transformers")
    if not isinstance(model, library.SentenceTransformer):
        raise InvalidValueError(f"model is a SentenceTransformer, not {type(model).__name__}.")
    model.save_pretrained(str(folder / _FOLDER))
    kind = type(model[0])
    config = {
        "sentence_transformers_version": library.__version__,
        "source_model_name": getattr(model.model_card_data, "base_model", None) or "",
        "pipeline_model_type": kind.__name__,
        "data": _FOLDER,
    }
    parts = {type(part).__module__ for part in model}
    return Saved(config, {"data": _FOLDER}, sorted(parts))


def load(folder: Path, config: Mapping[str, Any], *, device: str | None = None) -> Any:
    """The model again."""
    place = folder_inside(folder, config.get("data", _FOLDER))
    kind = plugins.load("sentence_transformers:SentenceTransformer")
    return kind(str(place), device=device, local_files_only=True)


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """A vector for each sentence of a list, of an array, or of the first column of a table."""
    if hasattr(data, "columns"):
        data = data.iloc[:, 0]
    return model.encode(data.tolist() if hasattr(data, "tolist") else data, **params)


FLAVOR = Flavor(
    name="sentence_transformers",
    requires=("sentence_transformers", "transformers", "torch"),
    save=save,
    load=load,
    predict=predict,
    formats={"folder": "it names classes that are made while it is loaded"},
    format_of=lambda _: "folder",
)
save_model, log_model, load_model = functions.of(FLAVOR)
