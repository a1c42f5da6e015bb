"""The file ``MLmodel``, which says what a folder holds as a model. What it says that we do not know is kept."""

import json
import uuid
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.clock import now_ms
from headrace.errors import InvalidValueError, NotFoundError
from headrace.models import enforcing, example, safe_yaml
from headrace.models.params import ParamSchema
from headrace.models.schema import Schema
from headrace.models.signature import ModelSignature

MLMODEL = "MLmodel"
PYFUNC = "python_function"

_PLAIN = (
    "artifact_path", "run_id", "utc_time_created", "model_uuid", "mlflow_version",
    "saved_input_example_info", "metadata", "model_size_bytes", "resources", "env_vars", "auth_policy",
    "model_id", "prompts",
)  # fmt: skip
_WRITTEN_AS_NULL = ("model_id", "prompts")
_TYPE_HINT = ("is_signature_from_type_hint", "type_hint_from_example")


class Model:
    """A model's description: its flavors, signature and the rest. Unknown fields are in `extra`."""

    def __init__(
        self,
        /,
        artifact_path: str | None = None,
        run_id: str | None = None,
        utc_time_created: str | None = None,
        flavors: dict[str, Any] | None = None,
        signature: ModelSignature | None = None,
        saved_input_example_info: dict[str, Any] | None = None,
        model_uuid: str | Callable[[], str] | None = None,
        mlflow_version: str | None = None,
        metadata: dict[str, Any] | None = None,
        model_size_bytes: int | None = None,
        resources: Any = None,
        env_vars: list[str] | None = None,
        auth_policy: Any = None,
        model_id: str | None = None,
        prompts: list[str] | None = None,
        **extra: Any,
    ) -> None:
        self.artifact_path, self.run_id = artifact_path, run_id
        self.utc_time_created = utc_time_created or _utc_now()
        self.flavors: dict[str, Any] = flavors if flavors is not None else {}
        self.signature = signature
        self.saved_input_example_info = saved_input_example_info
        made = model_uuid() if callable(model_uuid) else model_uuid
        self.model_uuid = made or model_id or uuid.uuid4().hex
        self.mlflow_version, self.metadata = mlflow_version, metadata
        self.model_size_bytes, self.resources = model_size_bytes, resources
        self.env_vars, self.auth_policy = env_vars, auth_policy
        self.model_id, self.prompts = model_id, prompts
        self.extra = extra

    def __eq__(self, other: object) -> bool:
        return isinstance(other, Model) and self.to_dict() == other.to_dict()

    __hash__ = None  # type: ignore[assignment]  # it can be changed

    def __repr__(self) -> str:
        return f"Model({', '.join(self.flavors)})"

    def add_flavor(self, name: str, **params: Any) -> "Model":
        """Say that it can be loaded as ``name``, and what that needs to know."""
        self.flavors[name] = params
        return self

    def get_input_schema(self) -> Schema | None:
        """What it takes, where that is known."""
        return self.signature.inputs if self.signature else None

    def get_output_schema(self) -> Schema | None:
        """What it gives, where that is known."""
        return self.signature.outputs if self.signature else None

    def get_params_schema(self) -> ParamSchema | None:
        """The params of its predictions, where they are known."""
        return self.signature.params if self.signature else None

    def load_input_example(self, path: str | Path) -> Any:
        """The example that the model in the folder ``path`` was saved with, as the schema has it."""
        found = example.read(Path(path), self.saved_input_example_info)
        schema = self.get_input_schema()
        if schema is None or type(found).__name__ != "DataFrame":
            return found
        return enforcing.enforce(found, schema)

    def load_input_example_params(self, path: str | Path) -> dict[str, Any] | None:
        """The params of that example."""
        return example.read_params(Path(path), self.saved_input_example_info)

    def get_serving_input(self, path: str | Path) -> str | None:
        """That example as the body of a request."""
        return example.read_serving(Path(path), self.saved_input_example_info)

    def to_dict(self) -> dict[str, Any]:
        """What the file holds."""
        found = {**self.extra, "flavors": self.flavors}
        for name in _PLAIN:
            value = getattr(self, name)
            if value is not None or name in _WRITTEN_AS_NULL:
                found[name] = value.to_dict() if hasattr(value, "to_dict") else value
        if self.signature is not None:
            found["signature"] = self.signature.to_dict()
            for name in _TYPE_HINT:
                found.setdefault(name, False)
        return found

    def to_yaml(self) -> str:
        """The text of the file."""
        return safe_yaml.written(self.to_dict())

    def to_json(self) -> str:
        """The same as JSON."""
        return json.dumps(self.to_dict())

    @classmethod
    def from_dict(cls, model_dict: Mapping[str, Any]) -> "Model":
        """A description as the file holds it; `InvalidValueError` says what in it cannot be."""
        given = {str(key): value for key, value in model_dict.items()}
        flavors = given.pop("flavors", None)
        if not isinstance(flavors, dict) or not all(
            isinstance(one, dict) for one in flavors.values()
        ):
            raise InvalidValueError(
                "'flavors' must map each flavor's name to what it needs to know."
            )
        signature = given.pop("signature", None)
        if signature is not None and not isinstance(signature, dict):
            raise InvalidValueError("'signature' must have 'inputs', 'outputs' or 'params'.")
        known = signature if signature and any(signature.values()) else None
        return cls(
            flavors=flavors,
            signature=None if known is None else ModelSignature.from_dict(known),
            **given,
        )

    @classmethod
    def load(cls, path: str | Path) -> "Model":
        """The description in a model's folder, or in the file itself."""
        file = _file(Path(path))
        if not file.is_file():
            raise NotFoundError(f"There is no model in '{path}': it has no file MLmodel.")
        try:
            return cls.from_dict(safe_yaml.read(file))
        except InvalidValueError as error:
            if str(file) in str(error):
                raise
            raise InvalidValueError(f"{file} describes no model: {error}") from error

    @classmethod
    def log(
        cls, artifact_path: str | None, flavor: Any, name: str | None = None, **given: Any
    ) -> Any:
        """Keep a model in the store that a module with ``save_model(path, mlflow_model, ...)`` saves.

        For packages that are written for MLflow; what is said of the logged model (``params``, ``tags``,
        ``step``...) is taken, all else is given to ``save_model``.
        """
        act = plugins.load("headrace.models.logged:log_by_module")
        return act(flavor, {"artifact_path": artifact_path, "name": name, **given})

    def save(self, path: str | Path) -> None:
        """Write the file, or the one in the folder."""
        _file(Path(path)).write_text(self.to_yaml(), encoding="utf-8")


def _file(path: Path) -> Path:
    return path / MLMODEL if path.is_dir() else path


def _utc_now() -> str:
    import datetime as dt  # noqa: PLC0415  (the client's start does without it)

    moment = dt.datetime.fromtimestamp(now_ms() / 1000, dt.UTC)
    return moment.strftime("%Y-%m-%d %H:%M:%S.%f")
