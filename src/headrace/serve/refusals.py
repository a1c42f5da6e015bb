"""How a scoring server says no, in the shapes that clients of MLflow know."""

import traceback
from typing import NamedTuple

import msgspec

from headrace.errors import BadRequestError, HeadraceError
from headrace.models.enforcing import ParamsError, SchemaError
from headrace.serve.formats import UnsupportedTypeError, UnwritableError
from headrace.server.replies import JSON
from headrace.wire import codec

_TEXT = b"text/plain; charset=utf-8"


class SlowBodyError(HeadraceError):
    """The request's body did not arrive in time."""

    error_code, status = "BAD_REQUEST", 408


class Refusal(NamedTuple):
    """An answer that is no prediction."""

    status: int
    body: bytes
    kind: bytes = JSON


def of(error: Exception) -> Refusal:
    """What an error looks like to who asked; what the model itself raised comes with its trace."""
    if isinstance(error, UnsupportedTypeError):
        return Refusal(error.status, error.message.encode(), _TEXT)
    if isinstance(error, SchemaError) and not isinstance(error, ParamsError):
        return Refusal(error.status, _of_signature(error))
    if isinstance(error, HeadraceError):
        return Refusal(error.status, codec.error_body(error))
    if isinstance(error, UnwritableError):
        return Refusal(500, str(error).encode(), _TEXT)
    if isinstance(error, TimeoutError):
        return Refusal(504, b"Request processing time exceeded limit")
    return Refusal(400, _of_model(error))


def _of_signature(error: SchemaError) -> bytes:
    return _told(error, sqlstate="KAM01", error_class="SCHEMA_ENFORCEMENT_FAILED")


def _of_model(error: Exception) -> bytes:
    text = f"The model could not predict this: {type(error).__name__}: {error}"
    trace = "".join(traceback.format_exception(error))
    return _told(BadRequestError(text), stack_trace=trace)


def _told(error: HeadraceError, **beside: str) -> bytes:
    return msgspec.json.encode({**msgspec.json.decode(codec.error_body(error)), **beside})
