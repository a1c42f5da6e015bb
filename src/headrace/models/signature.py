"""What a model takes and what it gives."""

from collections.abc import Mapping
from importlib import import_module
from typing import Any

from headrace.errors import InvalidValueError
from headrace.models.params import ParamSchema
from headrace.models.schema import Schema


class ModelSignature:
    """The schemas of inputs, outputs and params; each may be missing, not all."""

    def __init__(
        self,
        inputs: Schema | None = None,
        outputs: Schema | None = None,
        params: ParamSchema | None = None,
    ) -> None:
        if inputs is None and outputs is None and params is None:
            raise InvalidValueError("A signature has inputs, outputs or params.")
        for name, given, kind in (
            ("inputs", inputs, Schema),
            ("outputs", outputs, Schema),
            ("params", params, ParamSchema),
        ):
            if given is not None and not isinstance(given, kind):
                raise InvalidValueError(f"{name} must be a {kind.__name__}, not {given!r}.")
        self.inputs, self.outputs, self.params = inputs, outputs, params

    def to_dict(self) -> dict[str, str | None]:
        """As it stands in an MLmodel file: each schema as JSON in a string."""
        return {
            "inputs": self.inputs.to_json() if self.inputs else None,
            "outputs": self.outputs.to_json() if self.outputs else None,
            "params": self.params.to_json() if self.params else None,
        }

    @classmethod
    def from_dict(cls, signature_dict: Mapping[str, Any]) -> "ModelSignature":
        """What an MLmodel file holds."""
        inputs, outputs, params = (
            signature_dict.get(key) for key in ("inputs", "outputs", "params")
        )
        return cls(
            Schema.from_json(inputs) if inputs else None,
            Schema.from_json(outputs) if outputs else None,
            ParamSchema.from_json(params) if params else None,
        )

    def __eq__(self, other: object) -> bool:
        return isinstance(other, ModelSignature) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __repr__(self) -> str:
        parts = (("inputs", self.inputs), ("outputs", self.outputs), ("params", self.params))
        return "\n".join(f"{name}: {part}" for name, part in parts)


def __getattr__(name: str) -> Any:
    # MLflow has these here too; where they live is above this module.
    if name in ("infer_signature", "set_signature"):
        return getattr(import_module("headrace.models"), name)
    raise AttributeError(f"module '{__name__}' has no attribute '{name}'")
