"""What a flavor is: one library's way to save a model, to load it, and to predict with it.

A flavor is a module with a `Flavor` in it. Those that are built in are in `headrace.flavors`; a package adds
one by an entry point in the group ``headrace.flavors``, its name being the flavor's (docs/how/add-a-flavor.md).
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, NamedTuple

from headrace import plugins
from headrace.errors import InvalidValueError
from headrace.models.schema import Schema

GROUP = "headrace.flavors"

Config = Mapping[str, Any]
"""What MLmodel says under the flavor's name. It came with the model: nothing in it is trusted."""


class Saved(NamedTuple):
    """What a flavor did to save a model."""

    config: Mapping[str, Any]
    """What it needs to know to load it again; stands in MLmodel under its name."""
    pyfunc: Mapping[str, Any] | None = {}
    """Further keys of ``python_function``; ``None`` if this model cannot be used as one."""
    modules: Sequence[str] = ()
    """Modules that loading and predicting import, beside those of `Flavor.requires`."""
    inputs: Schema | None = None
    """What the model itself says that it takes, and holds its input to."""
    ready: Callable[[], Any] | None = None
    """Gives what predicts from the input example, where that is not the model that was given."""


Predict = Callable[[Any, Any, Mapping[str, Any], Config], Any]
"""Called with the loaded model, the input, the params of the call and ``python_function``'s keys."""


@dataclass(frozen=True, kw_only=True)
class Flavor:
    """One library. The functions import it when they are called, never before."""

    name: str
    """The key in MLmodel."""
    requires: Sequence[str]
    """Modules that every model of it needs."""
    save: Callable[..., Saved]
    """``save(model, folder, *, option=...)``: write the model's files. Its options become options of
    `save_model` and `log_model`, the name of its first argument the name of theirs. One that is called
    ``packaging`` gets what else was said of the model, such as its example."""
    load: Callable[..., Any]
    """``load(folder, config, *, option=...)``: the model again, as the library has it."""
    predict: Predict | None
    """How to predict with what `load` gave; ``None`` if that cannot be said in general."""
    formats: Mapping[str, str | None]
    """What it reads: each format with why it runs code of the model's author when it is loaded, or with
    ``None`` if it cannot."""
    format_of: Callable[[Config], str]
    """Which of `formats` a saved model is in."""
    loader_module: str = ""
    """What MLmodel names as the loader; that of MLflow unless said."""
    ready: Callable[[Path, Config], Any] | None = None
    """Loads a model that is only going to predict, where that is not `load`."""
    rowwise: bool = False
    """Whether rows of different callers may be predicted together: each gets what it would get alone."""
    of_rows: Callable[[Any, Config, Sequence[str]], Callable[[Any], Any] | None] | None = None
    """``of_rows(model, config, names)``: what predicts for an array the same as for a table with these columns,
    and is quicker; ``None`` for a model that has no such way."""

    @property
    def loader(self) -> str:
        """The module that MLflow, and whoever reads its format, loads the model with."""
        return self.loader_module or f"mlflow.{self.name}"

    def why_code(self, config: Config) -> str | None:
        """Why loading this model runs code that came with it; ``None`` if it does not.

        Raises `InvalidValueError` for a format that the flavor does not know.
        """
        name = self.format_of(config)
        if name not in self.formats:
            raise InvalidValueError(
                f"No format '{name}' of {self.name} models. Known: {', '.join(self.formats)}."
            )
        return self.formats[name]


def known(name: str, built_in: Mapping[str, str]) -> Flavor | None:
    """The flavor of this name, if there is one."""
    if name in built_in:
        found: Flavor = plugins.load(built_in[name])
        return found
    entry = plugins.added(GROUP).get(name)
    return None if entry is None else entry.load()
