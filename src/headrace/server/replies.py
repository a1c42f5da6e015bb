"""Whole answers of the server, written to the wire in one go."""

from collections.abc import Iterable
from typing import Final

from starlette.types import Receive, Scope, Send

from headrace.errors import HeadraceError, TooLargeError
from headrace.wire import codec

Header = tuple[bytes, bytes]

JSON: Final = b"application/json"
SAFE_HEADERS: Final[tuple[Header, ...]] = (
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"SAMEORIGIN"),
    (b"referrer-policy", b"same-origin"),
)
"""On every answer, whatever it is."""

MOST_BYTES: Final = 32 * 2**20
"""Of the body of a JSON request; more is refused before it is read."""


async def reply(
    send: Send, status: int, body: bytes, kind: bytes = JSON, headers: Iterable[Header] = ()
) -> None:
    """Send one whole answer."""
    start = {
        "type": "http.response.start",
        "status": status,
        "headers": [
            (b"content-type", kind),
            (b"content-length", str(len(body)).encode()),
            *SAFE_HEADERS,
            *headers,
        ],
    }
    await send(start)
    await send({"type": "http.response.body", "body": body})


async def refuse(send: Send, error: HeadraceError, headers: Iterable[Header] = ()) -> None:
    """Send what an error says, in the form that clients of the protocol read."""
    headers = list(headers)
    if error.status in (429, 503):
        headers.append((b"retry-after", b"1"))
    await reply(send, error.status, codec.error_body(error), headers=headers)


async def whole_body(scope: Scope, receive: Receive, most: int = MOST_BYTES) -> bytes:
    """The request's body; `TooLargeError` as soon as it is known to be over the limit."""
    length = header(scope, b"content-length")
    if length is not None and length.isdigit() and int(length) > most:
        raise too_large(most)
    message = await receive()
    body: bytes = message.get("body", b"")
    if not message.get("more_body", False):
        return body
    parts, size = [body], len(body)
    while message.get("more_body", False):
        message = await receive()
        parts.append(message.get("body", b""))
        size += len(parts[-1])
        if size > most:
            raise too_large(most)
    return b"".join(parts)


def too_large(most: int) -> TooLargeError:
    """The refusal of a body over the limit."""
    return TooLargeError(
        f"The request's body is larger than {most // 2**20} MiB, the most that is taken."
    )


def header(scope: Scope, name: bytes) -> bytes | None:
    """The first header of a (lower-case) name."""
    for key, value in scope["headers"]:
        if key == name:
            found: bytes = value
            return found
    return None
