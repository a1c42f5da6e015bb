"""Pipelines of Transformers: weights as safetensors, the rest as JSON, so that loading runs no code of theirs."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.flavors.transformers import answers
from headrace.models import functions
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import folder_inside

_MODEL, _COMPONENTS = "model", "components"
_AUTO = {
    "tokenizer": "AutoTokenizer",
    "feature_extractor": "AutoFeatureExtractor",
    "image_processor": "AutoImageProcessor",
    "processor": "AutoProcessor",
}
_TASKS = {
    "ForSequenceClassification": "text-classification",
    "ForTokenClassification": "token-classification",
    "ForQuestionAnswering": "question-answering",
    "ForMaskedLM": "fill-mask",
    "ForCausalLM": "text-generation",
    "LMHeadModel": "text-generation",
    "ForImageClassification": "image-classification",
    "ForAudioClassification": "audio-classification",
}
"""What a model is for, by the end of its class's name."""
_RETURNED = ("pipeline", "components")


def save(
    transformers_model: Any,
    folder: Path,
    *,
    processor: Any = None,
    task: str | None = None,
    model_config: Mapping[str, Any] | None = None,
) -> Saved:
    """Write a pipeline, or a dict of its parts: ``model``, and ``tokenizer``, ``image_processor`` and so on.

    ``task`` has to be said where the class of the model does not tell it. ``model_config`` are arguments of
    each prediction.
    """
    parts = _parts(transformers_model, processor)
    model = parts.pop("model")
    name = type(model).__name__
    _model_class(name)
    chosen = task or getattr(transformers_model, "task", None) or _task_of(name)
    model.save_pretrained(folder / _MODEL)
    for part, value in parts.items():
        value.save_pretrained(folder / _COMPONENTS / part)
    pipeline = _pipeline(chosen, model=model, **parts)
    config = {
        "transformers_version": plugins.load("transformers").__version__,
        "task": chosen,
        "instance_type": type(pipeline).__name__,
        "pipeline_model_type": name,
        "source_model_name": getattr(model, "name_or_path", ""),
        "torch_dtype": str(model.dtype),
        "model_binary": _MODEL,
        # A processor stands beside the components that a pipeline is made of, as MLflow has it.
        _COMPONENTS: [part for part in parts if part != "processor"],
        **{f"{part}_type": type(value).__name__ for part, value in parts.items()},
    }
    pyfunc = {"config": dict(model_config)} if model_config else {}
    return Saved(config, pyfunc, ready=lambda: pipeline)


def load(
    folder: Path, config: Mapping[str, Any], *, return_type: str = "pipeline", device: Any = None
) -> Any:
    """The pipeline again, or with ``return_type="components"`` its parts by name."""
    if return_type not in _RETURNED:
        raise InvalidValueError(f"return_type is {' or '.join(_RETURNED)}, not '{return_type}'.")
    if "source_model_revision" in config or "peft_adaptor" in config:
        raise UnsupportedError(
            f"The model in {folder} has not all of its weights with it: it was saved as a reference to a "
            "hub, or as an adapter of another model."
        )
    place = folder_inside(folder, config.get("model_binary", "pipeline"))
    _only_data(place)
    given = {"local_files_only": True, "trust_remote_code": False}
    found = {
        "model": _model_class(str(config["pipeline_model_type"])).from_pretrained(
            place, use_safetensors=True, **given
        ).eval()
    }  # fmt: skip
    names = [*config.get(_COMPONENTS, ()), *(["processor"] if "processor_type" in config else [])]
    for name in names:
        if name not in _AUTO:
            raise InvalidValueError(f"No part '{name}' of a pipeline. Known: {', '.join(_AUTO)}.")
        auto = plugins.load(f"transformers:{_AUTO[name]}")
        found[name] = auto.from_pretrained(folder_inside(folder, f"{_COMPONENTS}/{name}"), **given)
    if return_type == "components":
        return {"task": config["task"], **found}
    return _pipeline(config["task"], device=device, **found)


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:
    """What the pipeline gives: a table of labels and scores, or a text or a list for each input."""
    arguments = {**(config.get("config") or {}), **params}
    return answers.plain(model(answers.asked(data), **arguments))


def _parts(given: Any, processor: Any) -> dict[str, Any]:
    """The model, and what prepares its input, by name."""
    names = ("model", *_AUTO)
    if isinstance(given, Mapping):
        unknown = sorted(set(given) - set(names))
        if "model" not in given or unknown:
            raise InvalidValueError(
                f"A dict of the parts of a pipeline has a 'model', and of {', '.join(_AUTO)} those that it "
                f"needs; this has {', '.join(map(str, given))}."
            )
        found = dict(given)
    elif isinstance(given, plugins.load("transformers:Pipeline")):
        found = {name: getattr(given, name, None) for name in names}
    else:
        raise InvalidValueError(
            f"transformers_model is a pipeline, or a dict of its parts, not {type(given).__name__}."
        )
    if processor is not None:
        found["processor"] = processor
    return {name: value for name, value in found.items() if value is not None}


def _model_class(name: str) -> Any:
    """A class of models that Transformers has; a model that names something else is refused."""
    transformers = plugins.load("transformers")
    found = getattr(transformers, name, None)
    if not isinstance(found, type) or not issubclass(found, transformers.PreTrainedModel):
        raise InvalidValueError(
            f"'{name}' is no class of the models of transformers. A class of one's own is saved as a module: "
            "headrace.pytorch."
        )
    return found


def _pipeline(task: Any, **parts: Any) -> Any:
    try:
        return plugins.load("transformers:pipeline")(task, **parts)
    except KeyError as error:
        raise InvalidValueError(
            f"This version of transformers has no task '{task}': {error.args[0]}"
        ) from error


def _task_of(name: str) -> str:
    for end, task in _TASKS.items():
        if name.endswith(end):
            return task
    raise InvalidValueError(f"What a {name} is for is not known: say task='...'.")


def _only_data(place: Path) -> None:
    """Refuses settings by which Transformers would fetch a model's code, or other weights, from elsewhere."""
    if (place / "adapter_config.json").exists():
        raise UnsupportedError(f"{place} holds an adapter of another model.")
    file = place / "config.json"
    said = json.loads(file.read_text(encoding="utf-8")) if file.is_file() else {}
    for key in ("attn_implementation", "_attn_implementation", "_attn_implementation_internal"):
        if "/" in json.dumps(said.get(key)):
            raise InvalidValueError(f"{file} names a kernel to be fetched from a hub, in '{key}'.")


FLAVOR = Flavor(
    name="transformers",
    requires=("transformers", "torch"),
    save=save,
    load=load,
    predict=predict,
    formats={"safetensors": None},
    format_of=lambda _: "safetensors",
)
save_model, log_model, load_model = functions.of(FLAVOR)
