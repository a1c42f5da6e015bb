"""Pipelines of spaCy, in the folder that the library writes."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import folder_inside

_FOLDER = "model.spacy"
_CATEGORIES = ("textcat", "textcat_multilabel")


def save(spacy_model: Any, folder: Path) -> Saved:
    """Write the pipeline. It can be used as a function where it sorts texts into categories."""
    spacy = plugins.load("spacy")
    if not isinstance(spacy_model, spacy.Language):
        raise InvalidValueError(
            f"spacy_model is a spacy.Language, not {type(spacy_model).__name__}."
        )
    spacy_model.to_disk(folder / _FOLDER)
    factories = {spacy_model.get_pipe_meta(name).factory for name in spacy_model.pipe_names}
    config = {"spacy_version": spacy.__version__, "data": _FOLDER}
    parts = {type(part).__module__ for _, part in spacy_model.pipeline}
    return Saved(config, {"data": _FOLDER} if factories & set(_CATEGORIES) else None, sorted(parts))


def load(folder: Path, config: Mapping[str, Any]) -> Any:
    """The pipeline again."""
    return plugins.load("spacy:load")(folder_inside(folder, config.get("data", _FOLDER)))


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """The categories of each text with their scores, as the column ``predictions`` of a table."""
    columns = list(getattr(data, "columns", ()))
    if len(columns) != 1:
        raise InvalidValueError(f"The model takes a table of one column of texts, not {columns}.")
    texts = data[columns[0]]
    found = [document.cats for document in model.pipe(texts.tolist(), **params)]
    return plugins.load("pandas:DataFrame")({"predictions": found}, index=data.index)


FLAVOR = Flavor(
    name="spacy",
    requires=("spacy",),
    save=save,
    load=load,
    predict=predict,
    formats={"folder": "its configuration names functions that are called while it is loaded"},
    format_of=lambda _: "folder",
)
save_model, log_model, load_model = functions.of(FLAVOR)
