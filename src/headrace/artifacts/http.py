"""Artifacts behind a tracking server: the client's side of the proxied protocol.

Works with Headrace's server and with MLflow's. Headrace's also tells digests, which are held against
what is sent and received.
"""

import base64
import binascii
import hashlib
import random
import time
from collections.abc import Callable, Iterable, Iterator
from email.utils import parsedate_to_datetime
from functools import partial
from typing import Any
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from headrace.artifacts.base import Opening, Stat
from headrace.artifacts.paths import checked, checked_folder, is_name, joined
from headrace.artifacts.shared import Shared
from headrace.artifacts.uris import PROXIED, proxied_path, scheme_of
from headrace.clock import now_ms
from headrace.entities import FileInfo
from headrace.errors import (
    BadRequestError,
    ConflictError,
    CorruptDataError,
    HeadraceError,
    InternalError,
    InvalidValueError,
    MethodNotAllowedError,
    NotFoundError,
    UnavailableError,
)
from headrace.wire.artifacts import FoundServed
from headrace.wire.codec import error_from

_ROUTE = "/api/2.0/mlflow-artifacts/artifacts"
_RESUMES = 5
_SEND_BYTES = 1 << 20
_MOST_ERROR_BYTES = 1 << 16
_OK, _PARTIAL, _UNSATISFIABLE = 200, 206, 416
_CUT = (httpx.NetworkError, httpx.ProtocolError, httpx.TimeoutException)


def connect(uri: str, opening: Opening) -> "HttpArtifacts":
    """The artifacts that an ``mlflow-artifacts:`` URI, or the URL of a server's route, names."""
    base, folder = _address(uri, opening.tracking_uri)
    # Credentials, and what is trusted, are for the tracking server: a run may name any other.
    known = _origin(base) == _origin(opening.tracking_uri or "")
    return HttpArtifacts(base, folder, partial(client_for, opening if known else Opening()))


def client_for(opening: Opening) -> httpx.Client:
    """A client whose connections all stores with the same headers and options share."""
    headers, options = (
        tuple(sorted(given.items())) for given in (opening.headers, opening.options)
    )
    return _clients(headers, options)


def _client(headers: tuple[Any, ...], options: tuple[Any, ...]) -> httpx.Client:
    settings: dict[str, Any] = {"timeout": 120.0, **dict(options)}
    return httpx.Client(headers={"Accept-Encoding": "identity", **dict(headers)}, **settings)


_clients = Shared(_client)


def _address(uri: str, tracking_uri: str | None) -> tuple[str, str]:
    """The URL of the route for artifacts, and the folder below it."""
    if scheme_of(uri) != PROXIED:
        start, route, folder = uri.partition(_ROUTE)
        if not route:
            raise InvalidValueError(f"'{uri}' is no URL of a server's artifacts (...{_ROUTE}/...).")
        return start + route, folder.strip("/")
    server = urlsplit(tracking_uri or "")
    if server.scheme not in ("http", "https"):
        raise InvalidValueError(
            f"'{uri}' is served by a tracking server; set the tracking URI to its http(s) address."
        )
    host = urlsplit(uri).netloc
    home = f"{server.scheme}://{host}" if host else (tracking_uri or "").rstrip("/")
    return home + _ROUTE, proxied_path(uri)


def _origin(url: str) -> tuple[str, str]:
    parts = urlsplit(url)
    return parts.scheme, parts.netloc.lower()


class HttpArtifacts:
    """Files that a tracking server keeps, under ``folder`` of its route ``base``."""

    def __init__(
        self,
        base: str,
        folder: str,
        client: Callable[[], httpx.Client],
        *,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._base = base
        self._folder = checked_folder(folder)
        self._client = client
        self._sleep = sleep

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        sent = _Sent(chunks)
        response = self._send("PUT", self._url(path), content=sent)
        response.read()
        told = _digest(response)
        if told not in (None, sent.sha256):
            raise CorruptDataError(
                f"'{path}' arrived at the server as other bytes than were sent: its digest is {told}, "
                f"not {sent.sha256}. Write it again."
            )
        return Stat(sent.size, _modified(response), sent.sha256)

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        if end is not None and end <= start:
            self.stat(path)
            return iter(())
        chunks = self._chunks(path, start, end)
        next(chunks)  # the request is sent, and answered, now
        return chunks

    def stat(self, path: str) -> Stat:
        try:
            response = self._found("HEAD", path)
            size = response.headers.get("content-length")
        except (
            MethodNotAllowedError,
            BadRequestError,
        ):  # MLflow's server; or to be told the reason
            response = self._found("GET", path, {"Range": "bytes=0-0"}, allowed=_UNSATISFIABLE)
            size = response.headers.get("content-range", "").rpartition("/")[2]
        response.close()
        if not size or not size.isdecimal():
            raise InternalError(f"The server does not tell the size of '{path}'.")
        return Stat(int(size), _modified(response), _digest(response))

    def list(self, path: str = "") -> list[FileInfo]:
        path = checked_folder(path)
        response = self._send("GET", self._base, params={"path": _join(self._folder, path)})
        try:
            files = msgspec.json.decode(response.read(), type=FoundServed, strict=False).files
        except (ValueError, RecursionError) as error:
            raise InternalError(f"The server's list of files cannot be read: {error}.") from error
        named = (info for info in files if is_name(info.path, self._base))
        return sorted((_placed(path, info) for info in named), key=lambda info: info.path)

    def delete(self, path: str) -> None:
        try:
            self._send("DELETE", self._url(path)).close()
        except NotFoundError:
            return  # it is gone, as it should be

    def _chunks(self, path: str, start: int, end: int | None) -> Iterator[bytes]:
        """First an empty chunk, once the file is known to be there; then its bytes, whatever cuts them."""
        response = self._found("GET", path, _range(start, end), allowed=_UNSATISFIABLE)
        version = response.headers.get("etag")
        failures, at = 0, start
        yield b""
        while True:
            try:
                for chunk in _body(response, at, end):
                    yield chunk
                    at += len(chunk)
                    failures = 0
            except _CUT as error:
                failures += 1
                if failures > _RESUMES or version is None:
                    raise UnavailableError(
                        f"The server broke off '{path}' after {at} bytes: {error or type(error).__name__}."
                    ) from error
            else:
                return
            finally:
                response.close()
            self._sleep(_pause_s(failures))
            response = self._resumed(path, at, end, version)

    def _resumed(self, path: str, at: int, end: int | None, version: str) -> httpx.Response:
        response = self._found("GET", path, {**_range(at, end), "If-Range": version})
        if response.status_code != _PARTIAL or response.headers.get("etag") != version:
            response.close()
            raise ConflictError(f"'{path}' was replaced while it was read; read it again.")
        return response

    def _found(
        self, verb: str, path: str, headers: dict[str, str] | None = None, allowed: int = _OK
    ) -> httpx.Response:
        url = self._url(path)
        try:
            return self._send(verb, url, headers=headers, allowed=allowed)
        except (InvalidValueError, NotFoundError, BadRequestError) as error:
            # A folder is answered with 400: by Headrace's server as a wrong value, by MLflow's untold.
            if isinstance(error, BadRequestError) and error.message:
                raise
            raise NotFoundError(f"No such artifact: '{path}'.") from error

    def _url(self, path: str) -> str:
        return f"{self._base}/{quote(joined(self._folder, checked(path)), safe='/')}"

    def _send(self, verb: str, url: str, *, allowed: int = _OK, **rest: Any) -> httpx.Response:
        """An answer of which only the head has been read."""
        client = self._client()
        try:
            response = client.send(client.build_request(verb, url, **rest), stream=True)
        except httpx.TransportError as error:
            told = str(error) or type(error).__name__
            raise UnavailableError(
                f"The server at {self._base} cannot be reached: {told}."
            ) from error
        if response.status_code in (_OK, _PARTIAL, allowed):
            return response
        raise _refusal(verb, response)


class _Sent:
    """What is sent, in blocks of a useful size, and counted on its way."""

    def __init__(self, chunks: Iterable[bytes]) -> None:
        self._chunks = chunks
        self._sha256 = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        return self._sha256.hexdigest()

    def __iter__(self) -> Iterator[bytes]:
        block = bytearray()
        for chunk in self._chunks:
            self._sha256.update(chunk)
            self.size += len(chunk)
            block += chunk
            if len(block) >= _SEND_BYTES:
                yield bytes(block)
                block.clear()
        if block:
            yield bytes(block)


def _body(response: httpx.Response, start: int, end: int | None) -> Iterator[bytes]:
    """The bytes from ``start`` of the file to ``end``, also from a server that ignores ranges."""
    if response.status_code == _UNSATISFIABLE:
        return
    skip = start if response.status_code == _OK else 0
    left = None if end is None else end - start
    for chunk in response.iter_raw():
        kept = chunk[skip:]
        skip -= min(skip, len(chunk))
        if left is not None:
            kept = kept[:left]
            left -= len(kept)
        if kept:
            yield kept
        if left == 0:
            return


def _refusal(verb: str, response: httpx.Response) -> HeadraceError:
    body = b""
    try:
        for chunk in response.iter_raw():
            body += chunk
            if len(body) > _MOST_ERROR_BYTES:
                break
    except httpx.TransportError:
        pass  # the status says enough
    finally:
        response.close()
    error = error_from(response.status_code, body)
    if verb in ("GET", "HEAD") and isinstance(error, BadRequestError) and b"error_code" not in body:
        return BadRequestError()
    if verb == "HEAD" and response.status_code == NotFoundError.status:
        return NotFoundError(error.message)  # without a body that could say so
    return error


def _range(start: int, end: int | None) -> dict[str, str]:
    if start == 0 and end is None:
        return {}
    return {"Range": f"bytes={start}-{'' if end is None else end - 1}"}


def _pause_s(failures: int) -> float:
    return float(0.1 * 2**failures) * (0.5 + random.random())  # noqa: S311 - spreads clients, guards nothing


def _digest(response: httpx.Response) -> str | None:
    """The SHA-256 of the whole file (RFC 9530), in hex."""
    for part in response.headers.get("repr-digest", "").split(","):
        name, _, value = part.strip().partition("=")
        if name == "sha-256":
            try:
                return base64.b64decode(value.strip(":"), validate=True).hex()
            except binascii.Error:
                return None
    return None


def _modified(response: httpx.Response) -> int:
    told = response.headers.get("last-modified")
    if not told:
        return now_ms()
    try:
        return int(parsedate_to_datetime(told).timestamp() * 1000)
    except ValueError:
        return now_ms()


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder and path else folder or path


def _placed(folder: str, info: FileInfo) -> FileInfo:
    size = None if info.is_dir else info.file_size or 0  # the protocol leaves a zero out
    return FileInfo(_join(folder, info.path), info.is_dir, size)
