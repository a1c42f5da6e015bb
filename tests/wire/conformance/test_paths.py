"""Artifact paths that try to leave their root: refused, and no byte outside is read or written (P2, P6, P8)."""

import hashlib
import json
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import quote

import pytest

from wire.conformance.asking import AJAX, API, Wire

SECRET = b"the secret that lies beside the artifacts"
ARTIFACTS = "/api/2.0/mlflow-artifacts/"
HOST = {"Host": "localhost"}


def _encoded(text: str, times: int) -> str:
    for _ in range(times):
        text = (
            "".join(f"%{byte:02x}" for byte in text.encode())
            if times == 1
            else quote(text, safe="")
        )
    return text


def corpus() -> list[str]:
    """Request targets, as they are sent, that try to name something outside of the root."""
    ups = [
        "../secret.txt",
        "../../secret.txt",
        "a/../../secret.txt",
        "..",
        "../",
        "a/..",
        "a/../..",
        "./../secret.txt",
    ]
    plain = [
        *ups, "/etc/passwd", "//etc/passwd", "///etc/passwd", "/{secret}", "file:///etc/passwd", "file:{secret}", "file:/etc/passwd",
        "..\\secret.txt", "..\\..\\secret.txt", "a\\..\\..\\secret.txt", "C:\\secret.txt", "C:/secret.txt", "c:secret.txt",
        "\\\\host\\share", "//host/share", "\\etc\\passwd", "....//secret.txt", "..././secret.txt", ".../secret.txt", "..;/secret.txt",
        "../secret.txt;x", "../secret.txt#x", "a#/../../secret.txt", "../secret.txt\0.png", "a\0/../../secret.txt", "a\r\nb", "a\nb",
        "NUL", "con.txt", "aux/x", "x/LPT1", "a.txt::$DATA", "a.txt:stream", "trailing.", "trailing ", "trailing./x", " ", ".", "./", "a/./b",
        "a//b", "x" * 300, "x/" * 600 + "y", "~/secret.txt/..", "%", "%2", "%zz/../..", "http://evil.example/x", "s3://bucket/x", "runs:/x/y",
    ]  # fmt: skip
    targets = [quote(text, safe="/.%:;\\#~\0" if "%" in text else "/.:;~") for text in plain]
    targets += [_encoded(text, times) for text in ups for times in (1, 2, 3)]
    overlong = [
        "..%c0%afsecret.txt",
        "%c0%ae%c0%ae/secret.txt",
        "%e0%80%ae%e0%80%ae/secret.txt",
        "..%c1%9csecret.txt",
        "%ff%fe/x",
        "..%u2216secret.txt",
    ]
    wide = [
        "..%ef%bc%8fsecret.txt",
        "%ef%bc%8e%ef%bc%8e/secret.txt",
        "..%e2%88%95secret.txt",
        "..%5csecret.txt",
        "..%255csecret.txt",
        "%2e%2e%2fsecret.txt",
    ]
    more = [
        "%2e%2e/secret.txt",
        "%252e%252e%252fsecret.txt",
        "%25252e%25252e%25252fsecret.txt",
        "..%2fsecret.txt",
        "a/%2e%2e/%2e%2e/secret.txt",
        "%2fetc%2fpasswd",
        "%00",
    ]
    return [*targets, *overlong, *wide, *more]


@pytest.fixture(scope="module")
def root(wire: Wire) -> Iterator[Path]:
    """The folder around the artifacts, with a secret in it; it is unchanged afterwards."""
    files = wire.folder / "artifacts"
    assert wire.http.put(ARTIFACTS + "artifacts/keep/one.txt", content=b"kept").status_code == 200
    (wire.folder / "secret.txt").write_bytes(SECRET)
    (files / "secret-link").symlink_to(wire.folder / "secret.txt")
    (files / "folder-link").symlink_to(wire.folder)
    before = _outside(wire.folder)
    yield wire.folder
    assert _outside(wire.folder) == before
    assert wire.http.get(ARTIFACTS + "artifacts/keep/one.txt").content == b"kept"


def _outside(folder: Path) -> dict[str, str]:
    """What lies around the artifacts, but for the log that grows."""
    found = {}
    for file in sorted(folder.rglob("*")):
        inside = file.is_relative_to(folder / "artifacts")
        if not inside and file.is_file() and file.suffix != ".log":
            found[str(file)] = hashlib.sha256(file.read_bytes()).hexdigest()
    return found


@pytest.fixture(scope="module")
def run_id(wire: Wire) -> str:
    return str(wire.answer("runs/create", {"experiment_id": "0"})["run"]["info"]["run_id"])


@pytest.fixture(scope="module")
def model_id(wire: Wire) -> str:
    return str(wire.answer("logged-models", {"experiment_id": "0"})["model"]["info"]["model_id"])


# What each route answers at the best of times; anything else must be a refusal.
ROUTES = [
    ("GET", ARTIFACTS + "artifacts/{path}", None),
    ("PUT", ARTIFACTS + "artifacts/{path}", b"planted"),
    ("DELETE", ARTIFACTS + "artifacts/{path}", None),
    ("GET", ARTIFACTS + "artifacts?path={path}", None),
    ("GET", ARTIFACTS + "presigned/{path}", None),
    ("POST", ARTIFACTS + "mpu/create/{path}", b'{"path": "x.bin", "num_parts": 1}'),
    ("POST", ARTIFACTS + "mpu/create/a", b'{"path": "{json}", "num_parts": 1}'),
    (
        "POST",
        ARTIFACTS + "mpu/complete/{path}",
        b'{"path": "x.bin", "upload_id": "1", "parts": []}',
    ),
    ("POST", ARTIFACTS + "mpu/abort/{path}", b'{"path": "x.bin", "upload_id": "1"}'),
    ("GET", API + "artifacts/list?run_id={run}&path={path}", None),
    ("GET", "/get-artifact?run_id={run}&path={path}", None),
    ("POST", AJAX + "upload-artifact?run_uuid={run}&path={path}", b"planted"),
    (
        "GET",
        API + "logged-models/{model}/artifacts/directories?artifact_directory_path={path}",
        None,
    ),
    ("GET", AJAX + "logged-models/{model}/artifacts/files?artifact_file_path={path}", None),
]


@pytest.mark.parametrize(
    ("verb", "target", "body"), ROUTES, ids=[f"{verb} {target}" for verb, target, _ in ROUTES]
)
def test_no_path_leaves_the_root(
    wire: Wire, root: Path, run_id: str, model_id: str, verb: str, target: str, body: bytes | None
) -> None:
    for path in corpus():
        spelled = path.replace("{secret}", str(root / "secret.txt").lstrip("/"))
        where = (
            target.replace("{run}", run_id).replace("{model}", model_id).replace("{path}", spelled)
        )
        # What a request line cannot carry at all is left to the escaped spellings.
        where = "".join(char if "!" <= char <= "~" else quote(char) for char in where)
        sent = body and body.replace(b'"{json}"', json.dumps(spelled).encode())
        headers = {**HOST, "Content-Type": "application/json"}
        status, answer = wire.send_raw(verb, where, sent, headers)
        assert status < 500 or status == 501, f"{where}: {status} {answer[:500]!r}"
        assert SECRET not in answer, where
        assert b"root:" not in answer, where


@pytest.mark.parametrize("verb", ["PUT", "DELETE"])
@pytest.mark.parametrize(
    "path",
    [
        "",
        ".",
        "./",
        "/",
        "//",
        "%2e",
        "%2e/",
        "./.",
        "%2f",
        "a/..",
        "a/%2e%2e",
        "keep/..",
        "keep/../",
        "%20",
    ],
)
def test_the_root_itself_is_neither_written_nor_deleted(
    wire: Wire, root: Path, verb: str, path: str
) -> None:
    status, _ = wire.send_raw(verb, ARTIFACTS + "artifacts/" + path, b"", HOST)
    assert status in {400, 404, 405}
    assert (root / "artifacts" / "keep" / "one.txt").read_bytes() == b"kept"


@pytest.mark.parametrize("path", ["secret-link", "folder-link/secret.txt", "folder-link"])
def test_links_are_not_followed(wire: Wire, root: Path, path: str) -> None:
    for verb, body in (("GET", None), ("PUT", b"planted")):
        status, answer = wire.send_raw(verb, f"{ARTIFACTS}artifacts/{path}", body, HOST)
        assert status < 500
        assert SECRET not in answer
    listed = wire.http.get(ARTIFACTS + "artifacts", params={"path": path})
    assert listed.json().get("files", []) == []
    assert (root / "secret.txt").read_bytes() == SECRET
