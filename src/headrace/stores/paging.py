"""Page tokens: where the next page starts, as clients pass it back unread."""

import base64
import binascii

import msgspec
from msgspec import Struct

from headrace.errors import InvalidValueError


class Token(Struct, frozen=True, omit_defaults=True):
    """The start of a page, and what the pages are of (a token is good for one question only)."""

    offset: int
    of: str = ""


def encode(offset: int, of: str = "") -> str:
    """The token of a page that starts after ``offset`` results."""
    return base64.b64encode(msgspec.json.encode(Token(offset, of))).decode()


def decode(token: str | None, of: str = "") -> int:
    """The offset that a token stands for, 0 without one; `InvalidValueError` for any other text."""
    if not token:
        return 0
    try:
        found = msgspec.json.decode(base64.b64decode(token, validate=True), type=Token)
    except (binascii.Error, ValueError, msgspec.MsgspecError) as error:
        raise InvalidValueError(
            f"'page_token' is not one that this server gave: '{token[:80]}'"
        ) from error
    if not 0 < found.offset < 2**53:
        raise InvalidValueError(f"'page_token' is not one that this server gave: '{token[:80]}'")
    if found.of != of:
        raise InvalidValueError(
            "'page_token' belongs to another question: filter, order and experiments must stay the same "
            "from page to page."
        )
    return found.offset
