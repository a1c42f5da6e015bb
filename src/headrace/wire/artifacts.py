"""Questions and answers about artifacts: what of their protocol is JSON. Files themselves travel as bytes."""

from typing import Annotated, Any

from msgspec import Meta, Struct, field

from headrace.entities import FileInfo
from headrace.wire.operations import Operation, Right, Verb
from headrace.wire.tracking import Answer, Nothing, Question

MAX_UPLOAD_PARTS = 10_000
MAX_TABLE_ROWS = 1_000
MAX_EXPIRATION_S = 7 * 24 * 60 * 60

Seconds = Annotated[int, Meta(ge=1, le=MAX_EXPIRATION_S)]


class ListArtifacts(Question, frozen=True):
    run_id: str
    path: str | None = None
    page_token: str | None = None


class ListLoggedModelArtifacts(Question, frozen=True):
    model_id: str
    artifact_directory_path: str | None = None
    page_token: str | None = None


class FoundArtifacts(Answer, frozen=True):
    root_uri: str
    files: list[FileInfo] = field(default_factory=list)
    next_page_token: str | None = None


class ReadTable(Question, frozen=True):
    """Rows of a CSV, TSV or Parquet file of a run; without a token the first ones."""

    run_id: str
    path: str
    max_results: Annotated[int, Meta(ge=1, le=MAX_TABLE_ROWS)] = 100
    page_token: str | None = None


class TableColumn(Struct, frozen=True):
    """What a column holds: ``text``, or the type that the file names."""

    name: str
    type: str


class TablePage(Answer, frozen=True):
    """Cells as text, ``None`` where there is no value; of many columns the first."""

    columns: list[TableColumn]
    """Of delimited text on the first page only: they are its first line."""
    rows: list[list[str | None]]
    total_rows: int | None = None
    """Where the file says it."""
    columns_left_out: int = 0
    """Too many, or of values that have parts (lists, maps, structs)."""
    next_page_token: str | None = None


class ListServed(Question, frozen=True):
    path: str | None = None


class FoundServed(Answer, frozen=True):
    files: list[FileInfo] = field(default_factory=list)


class CreatePresignedDownloadUrl(Question, frozen=True):
    run_id: str
    path: str
    expiration: Seconds | None = None


class CreatePresignedUploadUrl(Question, frozen=True):
    path: str
    run_id: str | None = None
    model_id: str | None = None
    expiration: Seconds | None = None


class PresignedUrl(Answer, frozen=True):
    presigned_url: str
    headers: dict[str, str] = field(default_factory=dict)
    file_size: int | None = None


class PresignServed(Question, frozen=True):
    artifact_path: str


class PresignedServed(Answer, frozen=True):
    url: str
    headers: dict[str, str] = field(default_factory=dict)
    file_size: int | None = None


class CreateMultipartUpload(Question, frozen=True):
    path: str
    artifact_path: str = ""
    num_parts: Annotated[int, Meta(ge=1, le=MAX_UPLOAD_PARTS)] = 1


class PartCredential(Struct, frozen=True):
    url: str
    part_number: int
    headers: dict[str, str] = field(default_factory=dict)


class CreatedMultipartUpload(Answer, frozen=True):
    upload_id: str
    credentials: list[PartCredential]


class UploadedPart(Struct, frozen=True):
    part_number: int
    etag: str
    url: str | None = None


class CompleteMultipartUpload(Question, frozen=True):
    path: str
    upload_id: str
    parts: Annotated[list[UploadedPart], Meta(max_length=MAX_UPLOAD_PARTS)]
    artifact_path: str = ""


class AbortMultipartUpload(Question, frozen=True):
    path: str
    upload_id: str
    artifact_path: str = ""


_M = "2.0/mlflow/"
_H = "2.0/headrace/"
_S = "2.0/mlflow-artifacts/"


def _row(
    method: str, verb: Verb, path: str, question: type[Any], answer: type[Any], right: Right
) -> Operation[Any, Any]:
    return Operation(method, (verb,), path, question, answer, right)


# fmt: off
ARTIFACTS: tuple[Operation[Any, Any], ...] = (
    _row("list_artifacts", "GET", _M + "artifacts/list", ListArtifacts, FoundArtifacts, "read"),
    _row("list_logged_model_artifacts", "GET", _M + "logged-models/{model_id}/artifacts/directories", ListLoggedModelArtifacts, FoundArtifacts, "read"),
    _row("read_table", "GET", _H + "artifacts/table", ReadTable, TablePage, "read"),
    _row("create_presigned_download_url", "POST", _M + "artifacts/presigned-download-url", CreatePresignedDownloadUrl, PresignedUrl, "read"),
    _row("create_presigned_upload_url", "POST", _M + "artifacts/presigned-upload-url", CreatePresignedUploadUrl, PresignedUrl, "edit"),
    _row("list_served", "GET", _S + "artifacts", ListServed, FoundServed, "read"),
    _row("presign_served", "GET", _S + "presigned/{artifact_path:path}", PresignServed, PresignedServed, "read"),
    _row("create_multipart_upload", "POST", _S + "mpu/create/{artifact_path:path}", CreateMultipartUpload, CreatedMultipartUpload, "edit"),
    _row("complete_multipart_upload", "POST", _S + "mpu/complete/{artifact_path:path}", CompleteMultipartUpload, Nothing, "edit"),
    _row("abort_multipart_upload", "POST", _S + "mpu/abort/{artifact_path:path}", AbortMultipartUpload, Nothing, "edit"),
)
# fmt: on

BY_METHOD = {operation.method: operation for operation in ARTIFACTS}
