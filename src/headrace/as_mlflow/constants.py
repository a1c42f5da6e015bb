"""Enumerations that MLflow has as classes, with both spellings of each value."""

from enum import StrEnum
from typing import ClassVar

from headrace.entities import ViewType as _ViewType
from headrace.errors import InvalidValueError


class _Numbered:
    """Names of the wire with their numbers."""

    _numbers: ClassVar[dict[str, int]]

    @classmethod
    def from_string(cls, text: str) -> int:
        """The number of a name; `InvalidValueError` for an unknown one."""
        if text not in cls._numbers:
            raise InvalidValueError(
                f"No '{text}' in {cls.__name__}. Known: {', '.join(cls._numbers)}."
            )
        return cls._numbers[text]

    @classmethod
    def to_string(cls, number: int) -> str:
        """The name of a number; `InvalidValueError` for an unknown one."""
        for name, known in cls._numbers.items():
            if known == number:
                return name
        raise InvalidValueError(f"No {number} in {cls.__name__}. Known: {cls._numbers}.")


class RunStatus(_Numbered):
    """How a run stands."""

    RUNNING, SCHEDULED, FINISHED, FAILED, KILLED = range(1, 6)
    _numbers: ClassVar = {
        "RUNNING": RUNNING,
        "SCHEDULED": SCHEDULED,
        "FINISHED": FINISHED,
        "FAILED": FAILED,
        "KILLED": KILLED,
    }

    @classmethod
    def is_terminated(cls, status: int) -> bool:
        """Whether a run that stands so has ended."""
        return status in (cls.FINISHED, cls.FAILED, cls.KILLED)

    @classmethod
    def all_status(cls) -> list[int]:
        """All numbers."""
        return list(cls._numbers.values())


class SourceType(_Numbered):
    """What started a run."""

    NOTEBOOK, JOB, PROJECT, LOCAL, UNKNOWN = range(1, 6)
    _numbers: ClassVar = {
        "NOTEBOOK": NOTEBOOK,
        "JOB": JOB,
        "PROJECT": PROJECT,
        "LOCAL": LOCAL,
        "UNKNOWN": UNKNOWN,
    }


class ViewType(_ViewType, _Numbered):
    """Which lifecycle stages a search takes in."""

    _numbers: ClassVar = {
        "active_only": _ViewType.ACTIVE_ONLY,
        "deleted_only": _ViewType.DELETED_ONLY,
        "all": _ViewType.ALL,
    }


class LifecycleStage:
    """Whether something is deleted."""

    ACTIVE, DELETED = "active", "deleted"


class LoggedModelStatus(StrEnum):
    """How a logged model stands."""

    UNSPECIFIED = "UNSPECIFIED"
    PENDING = "PENDING"
    READY = "READY"
    FAILED = "FAILED"
