"""Models of PyTorch: tensors as safetensors beside the structure; programs; or one pickle on request.

A module is code, so whatever gives a module back runs code. The tensors alone do not: see `load_state_dict`.
"""

import logging
from collections.abc import Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.flavors.pytorch import structure
from headrace.models import functions, loading, requirements
from headrace.models.example import split
from headrace.models.flavor import Flavor, Saved
from headrace.models.loading import inside
from headrace.models.saving import Packaging

_log = logging.getLogger(__name__)

SAFETENSORS, PICKLE, PROGRAM, SCRIPT = "safetensors", "pickle", "pt2", "torchscript"
_FORMATS = {
    SAFETENSORS: "its structure is a pickle, which runs whatever it names",
    PICKLE: "a pickle runs whatever it names",
    PROGRAM: "an exported program is code, and may hold pickles",
    SCRIPT: "a TorchScript file is a program",
}
_DATA = "data"
_EXPORTED = "model.pt2"
_WHOLE = "model.pth"
_PICKLE_INFO = "pickle_module_info.txt"


def save(
    pytorch_model: Any,
    folder: Path,
    *,
    packaging: Packaging,
    serialization_format: str | None = None,
    export_model: bool | None = None,
) -> Saved:
    """Write a module.

    With an example of arrays the exported program lies beside the tensors, unless ``export_model`` is
    false: it is loaded without the module's code, and by MLflow.
    """
    torch = plugins.load("torch")
    if not isinstance(pytorch_model, torch.nn.Module):
        raise InvalidValueError(f"pytorch_model is a torch.nn.Module, not {pytorch_model!r}.")
    scripted = isinstance(pytorch_model, torch.jit.ScriptModule)
    chosen = serialization_format or (SCRIPT if scripted else SAFETENSORS)
    if chosen not in _FORMATS:
        raise InvalidValueError(
            f"No serialization_format '{chosen}'. Known: {', '.join(_FORMATS)}."
        )
    data = folder / _DATA
    data.mkdir()
    modules = {"torch", *(type(one).__module__ for one in pytorch_model.modules())}
    arrays = _arrays(packaging.input_example)
    if chosen == PROGRAM:
        _export(pytorch_model, _required(arrays), data / _EXPORTED)
    elif chosen == SCRIPT:
        _script(pytorch_model, arrays, data)
    elif chosen == PICKLE:
        _pickle(pytorch_model, data)
    else:
        modules |= {"safetensors", *requirements.of_pickle(structure.write(pytorch_model, data))}
        if export_model or (export_model is None and arrays is not None):
            _export_beside(pytorch_model, _required(arrays), data / _EXPORTED)
    config = {
        "model_data": _DATA,
        "pytorch_version": str(torch.__version__),
        "serialization_format": chosen,
    }
    return Saved(
        config,
        {"data": _DATA, "config": {"device": None}, "pickle_module_name": "pickle"},
        sorted(modules),
    )


def load(
    folder: Path, config: Mapping[str, Any], *, device: str | None = None, program: bool = False
) -> Any:
    """The module again, ready to predict; with ``program`` the exported one, without its class."""
    data = inside(folder, config.get("model_data", _DATA))
    if not data.is_dir():
        return _load_whole(data, device)
    name = config.get("serialization_format")
    if name == SAFETENSORS and not program:
        return structure.read(data, device or "cpu").eval()
    if (data / _WHOLE).is_file() and not program:
        return _load_whole(inside(folder, f"{data.name}/{_WHOLE}"), device)
    path = inside(folder, f"{data.name}/{_EXPORTED}")
    if not path.is_file():
        raise InvalidValueError(f"The model in {folder} has no exported program.")
    return plugins.load("torch").export.load(str(path)).module()


def _ready(folder: Path, config: Mapping[str, Any]) -> Any:
    cuda = plugins.load("torch").cuda.is_available()
    return load(folder, config, device="cuda" if cuda else "cpu")


def predict(model: Any, data: Any, params: Mapping[str, Any], config: Mapping[str, Any]) -> Any:  # noqa: ARG001
    """What the module gives for an array, a dict of arrays, or a table as an array of floats."""
    torch = plugins.load("torch")
    first = next(iter(model.parameters()), None)
    device = "cpu" if first is None else first.device

    def tensor(value: Any) -> Any:
        return torch.as_tensor(value, device=device)

    with torch.no_grad(), _evaluating(model):
        if hasattr(data, "columns"):
            given = model(tensor(data.to_numpy(dtype="float32")), **params)
            return plugins.load("pandas:DataFrame")(given.cpu().numpy(), index=data.index)
        if isinstance(data, Mapping):
            named = {name: tensor(value) for name, value in data.items()}
            return _plain(model(**named, **params))
        inputs = data if isinstance(data, tuple) else (data,)
        return _plain(model(*(tensor(one) for one in inputs), **params))


def format_of(config: Mapping[str, Any]) -> str:
    """As it says; files of MLflow do not say, and are pickles or programs."""
    return str(config.get("serialization_format", PICKLE))


def load_state_dict(state_dict_uri: str | Path, **options: Any) -> dict[str, Any]:
    """The tensors of a model, or those that `save_state_dict` wrote. No code is run."""
    if str(state_dict_uri).endswith("state_dict.pth"):
        path = Path(loading.fetch(state_dict_uri))
        found: dict[str, Any] = plugins.load("torch").load(path, weights_only=True, **options)
        return found
    place = Path(loading.fetch(state_dict_uri))
    if (place / "state_dict.pth").is_file():
        return load_state_dict(place / "state_dict.pth", **options)
    folder = loading.look(place).folder
    return structure.tensors(inside(folder, f"{_DATA}/{structure.TENSORS}"), "cpu")


def save_state_dict(state_dict: Mapping[str, Any], path: str | Path) -> None:
    """Write tensors as the folder ``path``."""
    Path(path).mkdir(parents=True, exist_ok=True)
    plugins.load("torch").save(dict(state_dict), Path(path) / "state_dict.pth")


@contextmanager
def _evaluating(model: Any) -> Any:
    """For the time of a prediction every part is in evaluation; then each is as it was."""
    before = [(part, part.training) for part in model.modules()]
    for part, _ in before:
        part.training = False
    try:
        yield
    finally:
        for part, training in before:
            part.training = training


def _plain(value: Any) -> Any:
    if hasattr(value, "detach"):
        return value.detach().cpu().numpy()
    if isinstance(value, Mapping):
        return {name: _plain(one) for name, one in value.items()}
    return [_plain(one) for one in value] if isinstance(value, list | tuple) else value


def _arrays(example: Any) -> tuple[Any, ...] | None:
    """The example as the arguments of the module; nothing where it holds other things than arrays."""
    data, _ = split(example)
    given = data if isinstance(data, tuple | list) else (data,)
    arrays = all(hasattr(one, "shape") and not hasattr(one, "columns") for one in given)
    if not given or not arrays or any(hasattr(one, "indptr") for one in given):
        return None
    torch = plugins.load("torch")
    return tuple(torch.as_tensor(one) for one in given)


def _required(arrays: tuple[Any, ...] | None) -> tuple[Any, ...]:
    if arrays is None:
        raise InvalidValueError(
            "A program is exported by following an example: give input_example, of arrays or tensors."
        )
    return arrays


def _export(model: Any, arrays: tuple[Any, ...], path: Path) -> None:
    torch = plugins.load("torch")
    # Any number of rows. A first dimension of one row would become a constant.
    many = [{0: torch.export.Dim.AUTO} if one.ndim and one.shape[0] > 1 else None for one in arrays]
    first = next(iter(model.parameters()), None)
    moved = tuple(one.to(first.device) if first is not None else one for one in arrays)
    with _evaluating(model), torch.no_grad():
        program = torch.export.export(model, moved, dynamic_shapes=tuple(many))
    torch.export.save(program, str(path))


def _export_beside(model: Any, arrays: tuple[Any, ...], path: Path) -> None:
    """What cannot be exported is saved all the same."""
    try:
        _export(model, arrays, path)
    except Exception as error:  # noqa: BLE001  (the compiler may raise anything over a user's module)
        path.unlink(missing_ok=True)
        _log.warning(
            "The model has no exported program beside it: %s: %s", type(error).__name__, error
        )


def _script(model: Any, arrays: tuple[Any, ...] | None, data: Path) -> None:
    torch = plugins.load("torch")
    made = model
    if not isinstance(model, torch.jit.ScriptModule):
        with _evaluating(model):
            made = torch.jit.script(model) if arrays is None else torch.jit.trace(model, arrays)
    torch.jit.save(made, str(data / _WHOLE))
    (data / _PICKLE_INFO).write_text("pickle", encoding="utf-8")


def _pickle(model: Any, data: Path) -> None:
    plugins.load("torch").save(model, data / _WHOLE, pickle_module=plugins.load("cloudpickle"))
    (data / _PICKLE_INFO).write_text("pickle", encoding="utf-8")


def _load_whole(path: Path, device: str | None) -> Any:
    torch = plugins.load("torch")
    if structure.is_script(path):
        return torch.jit.load(str(path), map_location=device).eval()
    return torch.load(path, map_location=device, weights_only=False).eval()


FLAVOR = Flavor(
    name="pytorch",
    requires=("torch",),
    save=save,
    load=load,
    predict=predict,
    formats=_FORMATS,
    format_of=format_of,
    ready=_ready,
)
save_model, log_model, load_model = functions.of(FLAVOR)
