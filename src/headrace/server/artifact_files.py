"""A stored file as an answer: ranges, conditions, and headers that keep a browser from running it."""

import base64
import re
from collections.abc import Mapping
from concurrent.futures import Executor
from email.utils import formatdate, parsedate_to_datetime
from urllib.parse import quote

from msgspec import Struct
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response, StreamingResponse

from headrace.artifacts.base import ArtifactStore, Stat
from headrace.errors import InvalidValueError, NotFoundError, UnavailableError
from headrace.server.artifact_bodies import close, on_thread, read_body

# What a page may show of itself (an image, a text). Whatever could run is told as plain text.
_KINDS = {
    "image/png": "png",
    "image/jpeg": "jpg jpeg",
    "image/gif": "gif",
    "image/webp": "webp",
    "image/bmp": "bmp",
    "image/svg+xml": "svg",
    "image/x-icon": "ico",
    "audio/mpeg": "mp3",
    "audio/wav": "wav",
    "audio/ogg": "ogg oga",
    "audio/flac": "flac",
    "video/mp4": "mp4 m4v",
    "video/webm": "webm",
    "application/pdf": "pdf",
    "application/json": "json ipynb geojson",
    "text/csv; charset=utf-8": "csv",
    "text/plain; charset=utf-8": (
        "txt log md rst yaml yml toml ini cfg conf tsv py r jl sh sql js ts css html htm xhtml xml "
        "xsl mlmodel mlproject"
    ),
}
_KIND_BY_SUFFIX = {suffix: kind for kind, suffixes in _KINDS.items() for suffix in suffixes.split()}
_PLAIN_NAMES = frozenset(("mlmodel", "mlproject", "license", "readme", "dockerfile", "makefile"))
_ANY_KIND = "application/octet-stream"
_RANGE = re.compile(r"bytes=(\d{1,18})?-(\d{1,18})?")

_TRIES = 5

NOT_RUN = {
    "X-Content-Type-Options": "nosniff",
    "Content-Security-Policy": "sandbox; default-src 'none'",
    "Cross-Origin-Resource-Policy": "same-origin",
}
"""On every answer that holds bytes from a user."""


async def file_answer(
    threads: Executor, store: ArtifactStore, path: str, request: Request
) -> Response:
    """The file, the part of it that was asked for, or that it has not changed.

    Raises `UnavailableError` for a file that is replaced each time that it is opened.
    """
    for _ in range(_TRIES):
        found = await _stat(threads, store, path)
        answer = _answer(found, path, request.headers)
        if request.method == "HEAD" or answer.start == answer.end:
            return Response(status_code=answer.status, headers=answer.headers)
        chunks = await on_thread(threads, store.read, path, answer.start, answer.end)
        # Between the two another writer may have replaced the file: its bytes, the headers of the old.
        if await _is_still(threads, store, path, found):
            body = read_body(threads, chunks)
            return StreamingResponse(body, status_code=answer.status, headers=answer.headers)
        await on_thread(threads, close, chunks)
    raise UnavailableError(f"'{path}' is replaced faster than it can be read; try again.")


class _Answer(Struct, frozen=True):
    status: int
    headers: dict[str, str]
    start: int = 0
    end: int = 0


def _answer(found: Stat, path: str, asked: Headers) -> _Answer:
    headers = {**NOT_RUN, **_validators(found), **_description(path), "Accept-Ranges": "bytes"}
    if _unchanged(asked, headers):
        return _Answer(304, headers)
    part = _asked_range(asked, headers)
    start, end = (0, found.size) if part is None else _cut(part, found.size)
    if end < start:
        return _Answer(416, {**headers, "Content-Range": f"bytes */{found.size}"})
    headers["Content-Length"] = str(end - start)
    if part is None:
        return _Answer(200, headers, start, end)
    headers["Content-Range"] = f"bytes {start}-{end - 1}/{found.size}"
    return _Answer(206, headers, start, end)


def stored_answer(stored: Stat) -> Response:
    """That a file was written, and as what."""
    return Response(status_code=200, headers={**NOT_RUN, **_validators(stored)})


async def _stat(threads: Executor, store: ArtifactStore, path: str) -> Stat:
    try:
        return await on_thread(threads, store.stat, path)
    except NotFoundError:
        if await on_thread(threads, store.list, path):
            raise InvalidValueError(f"'{path}' is a folder; list it to find its files.") from None
        raise


async def _is_still(threads: Executor, store: ArtifactStore, path: str, found: Stat) -> bool:
    try:
        return await on_thread(threads, store.stat, path) == found
    except NotFoundError:
        return False


def _validators(found: Stat) -> dict[str, str]:
    headers = {
        "Last-Modified": formatdate(found.modified_ms / 1000, usegmt=True),
        "Cache-Control": "private, no-cache",
    }
    if found.sha256 is None:
        headers["ETag"] = f'"{found.size:x}-{found.modified_ms:x}"'
    else:
        digest = base64.b64encode(bytes.fromhex(found.sha256)).decode()
        headers["ETag"] = f'"{found.sha256}"'
        headers["Repr-Digest"] = f"sha-256=:{digest}:"
    return headers


def _description(path: str) -> dict[str, str]:
    name = path.rpartition("/")[2]
    stem, _, suffix = name.lower().rpartition(".")
    kind = _KIND_BY_SUFFIX.get(suffix if stem else "", _ANY_KIND)
    if name.lower() in _PLAIN_NAMES:
        kind = _KIND_BY_SUFFIX["txt"]
    # RFC 6266: an ASCII name for the oldest clients, the true one for the rest.
    plain = re.sub(r'[^ -~]|["\\%]', "_", name)
    named = f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name, safe='')}"
    return {"Content-Type": kind, "Content-Disposition": named}


def _unchanged(asked: Headers, headers: Mapping[str, str]) -> bool:
    known = asked.get("if-none-match")
    if known is not None:
        tags = [tag.strip().removeprefix("W/") for tag in known.split(",")]
        return headers["ETag"] in tags or "*" in tags
    return "if-modified-since" in asked and not _later(
        headers["Last-Modified"], asked["if-modified-since"]
    )


def _later(date: str, than: str) -> bool:
    try:
        return parsedate_to_datetime(date) > parsedate_to_datetime(than)
    except (ValueError, TypeError):
        return True


def _asked_range(
    asked: Headers, headers: Mapping[str, str]
) -> tuple[int | None, int | None] | None:
    """The first and the last byte that are asked for; without the first, the length of the end.

    Whatever is no single range is answered with the whole file, as the standard allows.
    """
    found = _RANGE.fullmatch(asked.get("range", "").replace(" ", ""))
    if found is None or asked.get("if-range", headers["ETag"]) not in headers.values():
        return None
    first, last = (None if text is None else int(text) for text in found.groups())
    backwards = first is not None and last is not None and last < first
    return None if backwards or (first, last) == (None, None) else (first, last)


def _cut(asked: tuple[int | None, int | None], size: int) -> tuple[int, int]:
    """The first byte and the one after the last; ``(0, -1)`` if the file does not reach so far."""
    first, last = asked
    if first is None:
        return (size - min(last, size), size) if last and size else (0, -1)
    if first >= size:
        return 0, -1
    return first, size if last is None else min(last + 1, size)
