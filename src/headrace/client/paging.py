"""Lists that come in pages."""

from collections.abc import Callable, Iterable
from typing import TypeVar

T = TypeVar("T")


class PagedList(list[T]):
    """A page: a list with the token that asks for the next one, ``None`` on the last."""

    def __init__(self, items: Iterable[T], token: str | None) -> None:
        super().__init__(items)
        self.token = token

    def to_list(self) -> list[T]:
        """The items alone."""
        return list(self)


def all_pages(
    page: Callable[[int, str | None], PagedList[T]], page_size: int, limit: int | None = None
) -> list[T]:
    """The items of all pages, at most ``limit``; ``page`` takes a size and a token."""
    found: list[T] = []
    token: str | None = None
    while True:
        size = page_size if limit is None else min(page_size, limit - len(found))
        got = page(size, token)
        found += got
        token = got.token
        if not token or (limit is not None and len(found) >= limit):
            return found
