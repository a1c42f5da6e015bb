"""Which models may run code when they are loaded (docs/decisions/0020-which-models-may-run-code.md)."""

from dataclasses import dataclass
from pathlib import Path

from headrace import config
from headrace.errors import PermissionDeniedError
from headrace.models.manifest import Verdict


class CodeRefusedError(PermissionDeniedError):
    """Loading the model would run code that came with it, and that is not allowed."""


@dataclass(frozen=True)
class Trust:
    """How far a model is trusted, and why."""

    folder: Path
    verdict: Verdict
    own: bool
    """Whether it came from the store in use."""
    allow_code: bool | None = None
    """What the caller said."""

    @property
    def trusted(self) -> bool:
        """Whether it may run code without anyone saying so."""
        if self.verdict.changed or self.verdict.added:
            return False
        return self.own or self.verdict.sealed_here

    def require(self, reason: str) -> None:
        """Refuse what would run code; `CodeRefusedError` says why it would, and what allows it."""
        setting = config.settings().allow_model_code
        if setting is False:
            raise CodeRefusedError(
                f"{self._would(reason)} That is switched off here: HEADRACE_ALLOW_MODEL_CODE is false."
            )
        if self.allow_code or setting or (self.allow_code is None and self.trusted):
            return
        raise CodeRefusedError(
            f"{self._would(reason)} It is not trusted: {self._doubt()}. If you trust whoever made it, say "
            "allow_code=True, or set HEADRACE_ALLOW_MODEL_CODE=true."
        )

    def _would(self, reason: str) -> str:
        return f"Loading the model in {self.folder} would run code that came with it: {reason}."

    def _doubt(self) -> str:
        if self.verdict.changed:
            return f"{', '.join(self.verdict.changed)} changed since it was saved"
        if self.verdict.added:
            return f"{', '.join(self.verdict.added)} came in since it was saved"
        if self.allow_code is False:
            return "the call says allow_code=False"
        return "it is neither from the store in use nor saved on this machine by you"
