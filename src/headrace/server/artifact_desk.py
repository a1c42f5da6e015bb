"""The JSON operations of artifacts: listings, and addresses for moving files past the server."""

import base64
import binascii
import re

from headrace.artifacts.base import ArtifactStore, PresigningStore, SignedUrl
from headrace.artifacts.paths import checked, checked_folder, joined
from headrace.entities import FileInfo
from headrace.errors import InvalidValueError, UnsupportedError
from headrace.server.artifact_places import Places
from headrace.server.artifact_tables import read_table
from headrace.wire import artifacts as w
from headrace.wire.tracking import Nothing

PAGE = 10_000
_URL_LIFE_S = 60 * 60
_UPLOAD_LIFE_S = 12 * 60 * 60


class ArtifactDesk:
    """One method for each row of `headrace.wire.artifacts.ARTIFACTS`."""

    def __init__(self, places: Places) -> None:
        self._places = places

    def list_artifacts(self, question: w.ListArtifacts) -> w.FoundArtifacts:
        uri, store = self._places.of_run(question.run_id)
        return _page(uri, store, question.path, question.page_token)

    def list_logged_model_artifacts(self, question: w.ListLoggedModelArtifacts) -> w.FoundArtifacts:
        uri, store = self._places.of_model(question.model_id)
        return _page(uri, store, question.artifact_directory_path, question.page_token)

    def read_table(self, question: w.ReadTable) -> w.TablePage:
        _, store = self._places.of_run(question.run_id)
        return read_table(store, question)

    def list_served(self, question: w.ListServed) -> w.FoundServed:
        """Names alone, without their folder: so the protocol has it here."""
        files = self._places.served.list(question.path or "")
        return w.FoundServed([_told(info, info.path.rpartition("/")[2]) for info in files])

    def create_presigned_download_url(
        self, question: w.CreatePresignedDownloadUrl
    ) -> w.PresignedUrl:
        path = checked(question.path)
        _, store = self._places.of_run(question.run_id)
        signing = _signing(store, _NO_PRESIGNED)
        size = store.stat(path).size
        signed = signing.sign_download(path, question.expiration or _URL_LIFE_S)
        return w.PresignedUrl(signed.url, dict(signed.headers), size)

    def create_presigned_upload_url(self, question: w.CreatePresignedUploadUrl) -> w.PresignedUrl:
        path = checked(question.path)
        signing = _signing(self._of_either(question), _NO_PRESIGNED)
        signed = signing.sign_upload(path, question.expiration or _URL_LIFE_S)
        return w.PresignedUrl(signed.url, dict(signed.headers))

    def presign_served(self, question: w.PresignServed) -> w.PresignedServed:
        path, store = checked(question.artifact_path), self._places.served
        signing = _signing(store, _NO_PRESIGNED)
        size = store.stat(path).size
        signed = signing.sign_download(path, _URL_LIFE_S)
        return w.PresignedServed(signed.url, dict(signed.headers), size)

    def create_multipart_upload(
        self, question: w.CreateMultipartUpload
    ) -> w.CreatedMultipartUpload:
        signing, path = self._target(question)
        upload_id, signed = signing.begin_upload(path, question.num_parts, _UPLOAD_LIFE_S)
        return w.CreatedMultipartUpload(
            upload_id, [_credential(number, url) for number, url in enumerate(signed, start=1)]
        )

    def complete_multipart_upload(self, question: w.CompleteMultipartUpload) -> Nothing:
        signing, path = self._target(question)
        etags = {part.part_number: part.etag for part in question.parts}
        signing.complete_upload(path, question.upload_id, etags)
        return Nothing()

    def abort_multipart_upload(self, question: w.AbortMultipartUpload) -> Nothing:
        signing, path = self._target(question)
        signing.abort_upload(path, question.upload_id)
        return Nothing()

    def _of_either(self, question: w.CreatePresignedUploadUrl) -> ArtifactStore:
        if bool(question.run_id) == bool(question.model_id):
            raise InvalidValueError("Exactly one of 'run_id' and 'model_id' must be given.")
        if question.run_id:
            return self._places.of_run(question.run_id)[1]
        return self._places.of_model(question.model_id or "")[1]

    def _target(
        self, question: w.CreateMultipartUpload | w.CompleteMultipartUpload | w.AbortMultipartUpload
    ) -> tuple[PresigningStore, str]:
        """The file that is meant: the folder is in the URL, and the client tells its own local path."""
        name = checked(re.split(r"[/\\]", question.path)[-1])
        path = joined(checked_folder(question.artifact_path), name)
        return _signing(self._places.served, _NO_MULTIPART), path


# The client of the protocol knows these by their first words, and falls back to a plain PUT.
_NO_MULTIPART = "Multipart upload is not supported for the current artifact repository"
_NO_PRESIGNED = "Presigned URLs are not supported for the current artifact repository"


def _signing(store: ArtifactStore, refusal: str) -> PresigningStore:
    if not isinstance(store, PresigningStore):
        raise UnsupportedError(
            f"{refusal}: it has no addresses that clients could reach by themselves."
        )
    return store


def _credential(number: int, signed: SignedUrl) -> w.PartCredential:
    return w.PartCredential(signed.url, number, dict(signed.headers))


def _told(info: FileInfo, path: str) -> FileInfo:
    # The protocol leaves a size of zero out.
    return FileInfo(path, info.is_dir, info.file_size or None)


def _page(uri: str, store: ArtifactStore, path: str | None, token: str | None) -> w.FoundArtifacts:
    """The files after the one that the token names; sorted, so that others may come and go meanwhile."""
    after = _after(token)
    files = [info for info in store.list(path or "") if after is None or info.path > after]
    more = _token(files[PAGE - 1].path) if len(files) > PAGE else None
    return w.FoundArtifacts(uri, [_told(info, info.path) for info in files[:PAGE]], more)


def _token(path: str) -> str:
    return base64.urlsafe_b64encode(path.encode()).decode()


def _after(token: str | None) -> str | None:
    if not token:
        return None
    try:
        return base64.urlsafe_b64decode(token).decode()
    except (binascii.Error, ValueError) as error:
        raise InvalidValueError(
            f"The page token '{token[:50]}' is not one of this server's."
        ) from error
