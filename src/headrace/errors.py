"""What can go wrong, as one hierarchy: each class knows its code on the wire and its HTTP status.

Codes and statuses are those of the MLflow REST protocol, so that its clients map them as they do
for their own server.
"""

from typing import ClassVar


class HeadraceError(Exception):
    """Whatever Headrace refuses or fails to do; the base of all its exceptions."""

    error_code: ClassVar[str] = "INTERNAL_ERROR"
    status: ClassVar[int] = 500

    @property
    def message(self) -> str:
        """The text without the code."""
        return str(self.args[0]) if self.args else ""

    def get_http_status_code(self) -> int:
        """The HTTP status that a server answers this error with."""
        return self.status


class InternalError(HeadraceError):
    """A fault of Headrace itself."""


class InvalidStateError(HeadraceError):
    """The object is not in a state that allows this."""

    error_code = "INVALID_STATE"


class InvalidValueError(HeadraceError, ValueError):
    """A value that cannot be taken: wrong type, name, length or syntax."""

    error_code, status = "INVALID_PARAMETER_VALUE", 400


class BadRequestError(HeadraceError, ValueError):
    """A request that contradicts itself or what is stored."""

    error_code, status = "BAD_REQUEST", 400


class AlreadyExistsError(HeadraceError):
    """The name is taken."""

    error_code, status = "RESOURCE_ALREADY_EXISTS", 400


class TooSlowError(HeadraceError):
    """The question takes more time than it may; to ask it again would not help."""

    error_code, status = "BAD_REQUEST", 400


class UnauthenticatedError(HeadraceError):
    """The caller is not known."""

    error_code, status = "UNAUTHENTICATED", 401


class PermissionDeniedError(HeadraceError):
    """The caller may not do this."""

    error_code, status = "PERMISSION_DENIED", 403


class NotFoundError(HeadraceError, LookupError):
    """The named thing does not exist."""

    error_code, status = "RESOURCE_DOES_NOT_EXIST", 404


class EndpointNotFoundError(HeadraceError):
    """The server has no such route."""

    error_code, status = "ENDPOINT_NOT_FOUND", 404


class MethodNotAllowedError(HeadraceError):
    """The route exists, but not for this verb."""

    error_code, status = "BAD_REQUEST", 405


class ConflictError(HeadraceError):
    """Another change got in between."""

    error_code, status = "RESOURCE_CONFLICT", 409


class TooLargeError(HeadraceError, ValueError):
    """The body is over the limit."""

    error_code, status = "INVALID_PARAMETER_VALUE", 413


class RequestLimitError(HeadraceError):
    """More requests than the server takes now; try again later."""

    error_code, status = "REQUEST_LIMIT_EXCEEDED", 429


class UnsupportedError(HeadraceError):
    """The configured backend cannot do this."""

    error_code, status = "NOT_IMPLEMENTED", 501


class UnavailableError(HeadraceError):
    """The store or the server is away; the same call may succeed later."""

    error_code, status = "TEMPORARILY_UNAVAILABLE", 503


class CorruptDataError(HeadraceError):
    """What was read is not what was written: its size or its digest differs."""

    error_code = "DATA_LOSS"


class StorageFullError(HeadraceError):
    """No space is left where the data would go; nothing was written."""

    error_code, status = "RESOURCE_EXHAUSTED", 507


AWAY: tuple[type[HeadraceError], ...] = (
    UnavailableError,
    StorageFullError,
    RequestLimitError,
    UnauthenticatedError,
    PermissionDeniedError,
)
"""What the world does to a store; nothing that the caller did wrong."""


def _by_code() -> dict[str, type[HeadraceError]]:
    found: dict[str, type[HeadraceError]] = {}
    for kind in HeadraceError.__subclasses__():
        found.setdefault(kind.error_code, kind)
    return found


_BY_CODE = _by_code()
_BY_STATUS: dict[int, type[HeadraceError]] = {
    400: BadRequestError,
    401: UnauthenticatedError,
    403: PermissionDeniedError,
    404: EndpointNotFoundError,
    405: MethodNotAllowedError,
    413: TooLargeError,
    429: RequestLimitError,
    502: UnavailableError,
    503: UnavailableError,
    504: UnavailableError,
    507: StorageFullError,
}


def from_wire(error_code: str | None, message: str, status: int) -> HeadraceError:
    """The exception that a server's answer stands for: its class by code, else by HTTP status."""
    kind = _BY_CODE.get(error_code or "") or _BY_STATUS.get(status, InternalError)
    return kind(message)
