"""The configuration of a model that is a program."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from headrace.errors import InvalidValueError
from headrace.models import code, safe_yaml


class ModelConfig:
    """What the program was configured with: what `load_model` was told, else what it was saved with.

    ``development_config`` is for when the program is run by itself.
    """

    def __init__(self, *, development_config: str | Path | Mapping[str, Any] | None = None) -> None:
        given = code.chosen_config()
        chosen = given or development_config
        if chosen is None:
            raise InvalidValueError(
                "This model has no configuration: give model_config when it is saved."
            )
        self._values = dict(chosen) if isinstance(chosen, Mapping) else safe_yaml.read(Path(chosen))

    def get(self, key: str) -> Any:
        """The value of a key; `InvalidValueError` lists the keys there are."""
        if key not in self._values:
            raise InvalidValueError(
                f"No '{key}' in the model's configuration: {', '.join(self._values)}."
            )
        return self._values[key]

    def to_dict(self) -> dict[str, Any]:
        """All of it."""
        return dict(self._values)
