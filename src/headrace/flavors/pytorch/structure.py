"""A module in two files: its tensors, as safetensors, and what holds them together, as a pickle without them."""

import io
import pickle
import zipfile
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import InvalidValueError, UnsupportedError

TENSORS = "model.safetensors"
_STRUCTURE = "structure.pkl"


def write(model: Any, folder: Path) -> bytes:
    """Write a module; the answer is the pickle of its structure."""
    torch = plugins.load("torch")
    named = {id(tensor): name for name, tensor in _tensors_of(model)}
    found: dict[str, Any] = {}
    known: dict[int, str] = {}

    class Pickler(plugins.load("cloudpickle:Pickler")):  # type: ignore[misc]
        def persistent_id(self, value: Any) -> Any:
            if type(value) not in (torch.Tensor, torch.nn.Parameter):
                return None
            name = known.get(id(value))
            if name is None:
                name = known[id(value)] = named.get(id(value), f"unnamed.{len(found)}")
                # Tensors that share memory would be refused, or written in full several times.
                found[name] = value.detach().cpu().contiguous().clone()
            return name, isinstance(value, torch.nn.Parameter), value.requires_grad

    file = io.BytesIO()
    Pickler(file).dump(model)
    _safetensors().save_file(found, folder / TENSORS)
    (folder / _STRUCTURE).write_bytes(file.getvalue())
    return file.getvalue()


def read(folder: Path, device: str) -> Any:
    """The module again. This runs what the structure names: who calls has asked for leave."""
    torch = plugins.load("torch")
    there = tensors(folder / TENSORS, device)
    made: dict[str, Any] = {}

    class Unpickler(pickle.Unpickler):
        def persistent_load(self, reference: Any) -> Any:
            name, is_parameter, trains = reference
            if name not in made:
                made[name] = (
                    torch.nn.Parameter(there[name], requires_grad=trains)
                    if is_parameter
                    else there[name].requires_grad_(trains)
                )
            return made[name]

    with (folder / _STRUCTURE).open("rb") as file:
        return Unpickler(file).load()


def tensors(path: Path, device: str) -> dict[str, Any]:
    """The tensors by name; no code is run."""
    if not path.is_file():
        raise InvalidValueError(f"There is no {path}: the model was not saved as safetensors.")
    found: dict[str, Any] = _safetensors().load_file(path, device=device)
    return found


def is_script(path: Path) -> bool:
    """Whether a file is one of TorchScript."""
    if not zipfile.is_zipfile(path):
        return False
    with zipfile.ZipFile(path) as archive:
        return any(name.endswith("/constants.pkl") for name in archive.namelist())


def _tensors_of(model: Any) -> list[tuple[str, Any]]:
    return [*model.named_parameters(), *model.named_buffers()]


def _safetensors() -> Any:
    try:
        return plugins.load("safetensors.torch")
    except ImportError as error:
        raise UnsupportedError(
            "Tensors are saved as safetensors, which is missing: pip install 'headrace[pytorch]'."
        ) from error
