"""What names may be, as libraries ask before they log."""

from headrace.entities import Param
from headrace.errors import InvalidValueError
from headrace.wire import limits
from headrace.wire.tracking import LogBatch


def validate_param_and_metric_name(name: str) -> bool:
    """Whether a param or a metric may be called that."""
    try:
        limits.check(LogBatch("any", params=[Param(name)]))
    except InvalidValueError:
        return False
    return True
