"""Artifacts in Amazon S3, or in what speaks its protocol.

The calls are S3's own: an object is seen when its upload is complete, and not before; reads name the
version that they began with; keys are never patterns. s3fs gives the connection, with its options.
"""

import hashlib
from collections import deque
from collections.abc import Iterable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import contextmanager, suppress
from typing import Any
from urllib.parse import urlsplit

import msgspec
import s3fs
from botocore.exceptions import BotoCoreError, NoCredentialsError
from fsspec.asyn import sync

from headrace.artifacts.base import DAY_MS, Opening, SignedUrl, Stat
from headrace.artifacts.paths import OWN_PREFIX, checked, checked_folder, is_name
from headrace.artifacts.shared import Shared
from headrace.clock import now_ms
from headrace.entities import FileInfo
from headrace.errors import (
    ConflictError,
    HeadraceError,
    InvalidValueError,
    NotFoundError,
    PermissionDeniedError,
    UnavailableError,
)

PART_BYTES = 8 << 20
PARTS_AT_ONCE = 3
READ_BYTES = 8 << 20
KEYS_A_PAGE = 1_000

_MORE_AFTER = 1_000
_METADATA = "headrace-sha256"
_SIDECARS = f"{OWN_PREFIX}digests"
_REPLACED = ("PreconditionFailed", "412")
_BEYOND = ("InvalidRange", "416")
_WRONG = ("InvalidPart", "InvalidPartOrder", "EntityTooSmall", "KeyTooLongError", "MalformedXML")


def connect(uri: str, opening: Opening) -> "S3Artifacts":
    """The objects below ``s3://bucket/prefix``."""
    parts = urlsplit(uri)
    if not parts.netloc or parts.query or parts.fragment:
        raise InvalidValueError(f"'{uri}' names no place in S3; expected s3://bucket/folder.")
    return S3Artifacts(parts.netloc, parts.path.strip("/"), opening.options)


def _connection(options: bytes) -> s3fs.S3FileSystem:
    return s3fs.S3FileSystem(skip_instance_cache=True, **msgspec.json.decode(options))


_connections = Shared(_connection)


class S3Artifacts:
    """Keeps files as objects under ``prefix`` of a bucket; lets clients move them with signed URLs.

    The digest of a small file is in its metadata. That of a larger one is known only after its first part
    has gone, so it lies in a small object beside it, which names the ETag that it belongs to.
    """

    def __init__(self, bucket: str, prefix: str, options: Mapping[str, Any]) -> None:
        self._bucket = bucket
        self._prefix = prefix
        self._options = msgspec.json.encode(dict(options), order="sorted")

    def write(self, path: str, chunks: Iterable[bytes]) -> Stat:
        key = self._key(checked(path))
        sha256 = hashlib.sha256()
        parts = _parts(chunks, sha256)
        first = next(parts, b"")
        second = next(parts, None)
        if second is None:
            size, metadata = len(first), {_METADATA: sha256.hexdigest()}
            self._call("put_object", key, Body=first, Metadata=metadata)
        else:
            size, etag = self._put_in_parts(key, first, second, parts)
            record = f"{sha256.hexdigest()} {size} {etag}".encode()
            self._call("put_object", _sidecar(key), Body=record)
        return Stat(size, now_ms(), sha256.hexdigest())

    def read(self, path: str, start: int = 0, end: int | None = None) -> Iterator[bytes]:
        key = self._key(checked(path))
        if end is not None and end <= start:
            self.stat(path)
            return iter(())
        chunks = self._chunks(key, start, end)
        next(chunks)  # the first range is on its way now
        return chunks

    def stat(self, path: str) -> Stat:
        key = self._key(checked(path))
        head = self._call("head_object", key)
        modified_ms = int(head["LastModified"].timestamp() * 1000)
        size = head["ContentLength"]
        sha256 = head["Metadata"].get(_METADATA)
        if sha256 is None and "-" in head["ETag"]:  # uploaded in parts
            sha256 = self._recorded(key, f"{size} {head['ETag']}")
        return Stat(size, modified_ms, sha256)

    def list(self, path: str = "") -> list[FileInfo]:
        folder = checked_folder(path)
        prefix = self._folder_key(folder)
        found: dict[str, FileInfo] = {}
        with _told(path):
            for page in self._pages(prefix, Delimiter="/"):
                for below in page.get("CommonPrefixes", ()):
                    name = below["Prefix"].removeprefix(prefix).removesuffix("/")
                    found[name] = FileInfo(_join(folder, name), is_dir=True)
                for entry in page.get("Contents", ()):
                    name = entry["Key"].removeprefix(prefix)
                    found[name] = FileInfo(
                        _join(folder, name), is_dir=False, file_size=entry["Size"]
                    )
        place = f"s3://{self._bucket}/{self._prefix}"
        # The object that some tools put where a folder is has an empty name.
        named = (info for name, info in found.items() if name and is_name(name, place))
        return sorted(named, key=lambda info: info.path)

    def delete(self, path: str) -> None:
        key = self._key(checked(path))
        self._remove([key, _sidecar(key)])
        for page in self._pages(f"{key}/"):
            if keys := [entry["Key"] for entry in page.get("Contents", ())]:
                self._remove(keys)

    def leftovers(self, older_than_ms: int = DAY_MS) -> int:
        """How many uploads were begun longer ago than that and not ended."""
        return sum(1 for _ in self._begun_before(now_ms() - older_than_ms))

    def sweep(self, older_than_ms: int = DAY_MS) -> int:
        """Abort them; how many there were."""
        left = tuple(self._begun_before(now_ms() - older_than_ms))
        for path, upload_id in left:
            self.abort_upload(path, upload_id)
        return len(left)

    def _begun_before(self, time_ms: int) -> Iterator[tuple[str, str]]:
        prefix = self._folder_key("")
        for upload in self._ask("list_multipart_uploads", Prefix=prefix).get("Uploads", ()):
            if upload["Initiated"].timestamp() * 1000 < time_ms:
                yield upload["Key"].removeprefix(prefix), upload["UploadId"]

    def sign_download(self, path: str, expires_s: int) -> SignedUrl:
        return SignedUrl(self._signed("get_object", expires_s, Key=self._key(checked(path))))

    def sign_upload(self, path: str, expires_s: int) -> SignedUrl:
        return SignedUrl(self._signed("put_object", expires_s, Key=self._key(checked(path))))

    def begin_upload(
        self, path: str, parts: int, expires_s: int
    ) -> tuple[str, Sequence[SignedUrl]]:
        key = self._key(checked(path))
        upload_id: str = self._call("create_multipart_upload", key)["UploadId"]
        named = {"Key": key, "UploadId": upload_id}
        numbers = range(1, parts + 1)
        urls = [self._signed("upload_part", expires_s, PartNumber=n, **named) for n in numbers]
        return upload_id, [SignedUrl(url) for url in urls]

    def complete_upload(self, path: str, upload_id: str, etags: Mapping[int, str]) -> None:
        self._complete(self._key(checked(path)), upload_id, etags)

    def abort_upload(self, path: str, upload_id: str) -> None:
        key = self._key(checked(path))
        with suppress(NotFoundError):  # aborted already, or completed
            self._call("abort_multipart_upload", key, UploadId=upload_id)

    @property
    def _fs(self) -> s3fs.S3FileSystem:
        return _connections(self._options)

    def _call(self, method: str, key: str, **given: Any) -> Any:
        return self._ask(method, Key=key, **given)

    def _ask(self, method: str, **given: Any) -> Any:
        with _told(given.get("Key", self._bucket)):
            return self._fs.call_s3(method, Bucket=self._bucket, **given)

    def _signed(self, method: str, expires_s: int, **params: Any) -> str:
        fs = self._fs
        url: str = sync(
            fs.loop,
            fs.s3.generate_presigned_url,
            method,
            Params={"Bucket": self._bucket, **params},
            ExpiresIn=expires_s,
        )
        return url

    def _key(self, path: str) -> str:
        return _join(self._prefix, path)

    def _folder_key(self, folder: str) -> str:
        full = _join(self._prefix, folder)
        return f"{full}/" if full else ""

    def _chunks(self, key: str, start: int, end: int | None) -> Iterator[bytes]:
        """First an empty chunk, once the object is known to be there; then its bytes, range by range."""
        etag = self._call("head_object", key)["ETag"]
        yield b""
        while end is None or start < end:
            stop = start + READ_BYTES if end is None else min(start + READ_BYTES, end)
            data = self._range(key, start, stop, etag)
            if data:
                yield data
            start += len(data)
            if start < stop:
                return

    def _range(self, key: str, start: int, stop: int, etag: str) -> bytes:
        wanted = {"Range": f"bytes={start}-{stop - 1}", "IfMatch": etag}
        with _told(key):
            try:
                answer = self._fs.call_s3("get_object", Bucket=self._bucket, Key=key, **wanted)
            except OSError as error:
                if _code(error) in _BEYOND:
                    return b""
                raise
            data: bytes = sync(self._fs.loop, answer["Body"].read)
            return data

    def _pages(self, prefix: str, **given: Any) -> Iterator[Any]:
        more: dict[str, str] = {}
        while True:
            asked = {"Prefix": prefix, "MaxKeys": KEYS_A_PAGE, **given, **more}
            page = self._ask("list_objects_v2", **asked)
            yield page
            if not page.get("IsTruncated"):
                return
            more = {"ContinuationToken": page["NextContinuationToken"]}

    def _remove(self, keys: Sequence[str]) -> None:
        batch = [{"Key": key} for key in keys]  # a page at most, which is what one call takes
        answer = self._ask("delete_objects", Delete={"Objects": batch, "Quiet": True})
        for failed in answer.get("Errors", ()):
            raise PermissionDeniedError(f"'{failed['Key']}' stays: {failed['Message']}.")

    def _recorded(self, key: str, stamp: str) -> str | None:
        try:
            answer = self._call("get_object", _sidecar(key))
        except NotFoundError:
            return None
        record: bytes = sync(self._fs.loop, answer["Body"].read)
        sha256, _, taken_at = record.decode("ascii", "replace").partition(" ")
        return sha256 if taken_at == stamp else None

    def _put_in_parts(
        self, key: str, first: bytes, second: bytes, rest: Iterator[bytes]
    ) -> tuple[int, str]:
        """Some parts at a time; whatever goes wrong, nothing is left."""
        upload_id = self._call("create_multipart_upload", key)["UploadId"]
        etags: dict[int, str] = {}
        size = 0
        under_way: deque[tuple[int, Future[str]]] = deque()

        def send(number: int, data: bytes) -> str:
            etag: str = self._call(
                "upload_part", key, UploadId=upload_id, PartNumber=number, Body=data
            )["ETag"]
            return etag

        try:
            with ThreadPoolExecutor(PARTS_AT_ONCE, thread_name_prefix="headrace-part") as threads:
                for number, data in enumerate(_chained(first, second, rest), start=1):
                    if len(under_way) == PARTS_AT_ONCE:
                        sent, done = under_way.popleft()
                        etags[sent] = done.result()
                    size += len(data)
                    under_way.append((number, threads.submit(send, number, data)))
                etags.update((sent, done.result()) for sent, done in under_way)
            return size, self._complete(key, upload_id, etags)
        except BaseException:
            with suppress(HeadraceError):  # what stays is not seen, and `sweep` finds it
                self._call("abort_multipart_upload", key, UploadId=upload_id)
            raise

    def _complete(self, key: str, upload_id: str, etags: Mapping[int, str]) -> str:
        parts = [{"PartNumber": number, "ETag": etags[number]} for number in sorted(etags)]
        answer = self._call(
            "complete_multipart_upload",
            key,
            UploadId=upload_id,
            MultipartUpload={"Parts": parts},
        )
        etag: str = answer["ETag"]
        return etag


def _parts(chunks: Iterable[bytes], sha256: Any) -> Iterator[bytes]:
    """The content in parts of a size that grows, so that ten thousand of them hold any file."""
    part, number = bytearray(), 0
    for chunk in chunks:
        sha256.update(chunk)
        part += chunk
        if len(part) >= PART_BYTES * (1 + number // _MORE_AFTER):
            yield bytes(part)
            part.clear()
            number += 1
    if part:
        yield bytes(part)


def _chained(first: bytes, second: bytes, rest: Iterator[bytes]) -> Iterator[bytes]:
    yield first
    yield second
    yield from rest


def _sidecar(key: str) -> str:
    folder, slash, name = key.rpartition("/")
    return f"{folder}{slash}{_SIDECARS}/{name}"


def _join(folder: str, path: str) -> str:
    return f"{folder}/{path}" if folder and path else folder or path


def _code(error: OSError) -> str:
    response = getattr(error.__cause__, "response", None) or {}
    return str(response.get("Error", {}).get("Code", ""))


@contextmanager
def _told(path: str) -> Iterator[None]:
    """What S3 and its libraries raise, as errors of ours."""
    try:
        yield
    except FileNotFoundError as error:
        raise NotFoundError(f"No such artifact: '{path}'.") from error
    except (PermissionError, NoCredentialsError) as error:
        raise PermissionDeniedError(f"S3 does not allow this for '{path}': {error}.") from error
    except (OSError, BotoCoreError) as error:
        code = _code(error) if isinstance(error, OSError) else ""
        if code in _REPLACED:
            raise ConflictError(
                f"'{path}' was replaced while it was read; read it again."
            ) from error
        if code in _WRONG:
            raise InvalidValueError(f"S3 refuses '{path}': {error}.") from error
        raise UnavailableError(f"S3 failed for '{path}': {error}.") from error
