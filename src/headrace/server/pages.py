"""The built web application: one page for all its addresses, and the files that the page loads."""

import base64
import hashlib
import html
import mimetypes
import re
from collections.abc import Mapping
from pathlib import Path
from urllib.parse import quote

from msgspec import Struct
from starlette.datastructures import Headers
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

ADDRESSES = ("experiments", "runs", "compare", "models", "requests")
"""The first words of the addresses that the application draws itself."""

_INDEX, _FRAME, _HASHED = "index.html", "frame.html", "assets/"
_ENCODINGS = {"br": ".br", "gzip": ".gz"}  # the smaller one first
_FOREVER = "public, max-age=31536000, immutable"
_ASK_AGAIN = "no-cache"

_PAGE_POLICY = (
    "default-src 'self'; script-src 'self' {scripts}; style-src 'self'; font-src 'self'; "
    "img-src 'self' data: blob:; media-src 'self' blob:; connect-src 'self'; frame-src 'self'; "
    "object-src 'none'; base-uri 'self'; form-action 'none'; frame-ancestors 'self'"
)
# What a run's HTML file is shown in: it may run its own scripts, but as nobody (an opaque origin
# without the application's cookies or storage) and without a way to the network.
_FRAME_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src 'unsafe-inline'; "
    "style-src 'unsafe-inline'; img-src data: blob:; font-src data:; media-src data: blob:; "
    "frame-ancestors 'self'"
)
_NOT_BUILT = (
    "<!doctype html><title>Headrace</title><p>The web application is not built. "
    "In a checkout, <code>make ui</code> builds it. The API is served without it."
)
_INLINE_SCRIPT = re.compile(r"<script>(.*?)</script>", re.DOTALL)


class _File(Struct, frozen=True):
    content: bytes
    kind: str
    etag: str
    keep: str
    encoded: Mapping[str, bytes]
    policy: str | None = None


def page_routes(folder: Path, prefix: str = "") -> list[Route]:
    """The routes of the application built into ``folder``, whose addresses begin with ``prefix``.

    The prefix is in the page, not in the routes: whoever dispatches takes it off first. The files
    are read once, here: no request can name a path on the disk. Where nothing is built the page
    says so, and nothing else changes.
    """
    files = _files(folder)
    index = _based(_index(folder), prefix)

    def page(request: Request) -> Response:
        return _answer(index, request)

    def file(request: Request) -> Response:
        found = files.get(request.scope["path"])
        return _answer(found, request) if found else Response("Not found.", 404)

    pages = ["/", *(f"/{word}{rest}" for word in ADDRESSES for rest in ("", "/{rest:path}"))]
    loose = [path for path in files if not path.startswith(f"/{_HASHED}")]
    return [
        *(Route(path, page, include_in_schema=False) for path in pages),
        *(
            Route(path, file, include_in_schema=False)
            for path in [f"/{_HASHED}{{name:path}}", *loose]
        ),
    ]


def _files(folder: Path) -> dict[str, _File]:
    """Everything but the page itself, by its path below the prefix."""
    found = sorted(path for path in folder.rglob("*") if path.is_file())
    names = {path.relative_to(folder).as_posix(): path for path in found}
    return {
        f"/{name}": _file(name, path)
        for name, path in names.items()
        if name not in (_INDEX, "README.md") and path.suffix not in _ENCODINGS.values()
    }


def _file(name: str, path: Path) -> _File:
    content = path.read_bytes()
    encoded = {
        encoding: path.with_name(path.name + suffix).read_bytes()
        for encoding, suffix in _ENCODINGS.items()
        if path.with_name(path.name + suffix).is_file()
    }
    return _File(
        content=content,
        kind=_KINDS.get(path.suffix) or mimetypes.guess_type(name)[0] or "application/octet-stream",
        etag=_etag(content),
        keep=_FOREVER if name.startswith(_HASHED) else _ASK_AGAIN,
        encoded=encoded,
        policy=_FRAME_POLICY if name == _FRAME else None,
    )


# What the operating system's registry says of these is not to be relied on.
_KINDS = {
    ".js": "text/javascript; charset=utf-8",
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}


def _index(folder: Path) -> str:
    path = folder / _INDEX
    return path.read_text(encoding="utf-8") if path.is_file() else _NOT_BUILT


def _based(index: str, prefix: str) -> _File:
    """The page with the prefix in it, so that everything relative in it is found from any address."""
    base = f'<base href="{html.escape(quote(prefix.rstrip("/")))}/">'
    content = index.replace("<head>", f"<head>\n    {base}", 1).encode()
    return _File(content, _KINDS[".html"], _etag(content), _ASK_AGAIN, {}, _page_policy(index))


def _page_policy(index: str) -> str:
    """Only scripts that were in the page when it was built may stand in it."""
    digests = (hashlib.sha256(script.encode()).digest() for script in _INLINE_SCRIPT.findall(index))
    allowed = " ".join(f"'sha256-{base64.b64encode(digest).decode()}'" for digest in digests)
    return _PAGE_POLICY.format(scripts=allowed).replace(" ;", ";")


def _etag(content: bytes) -> str:
    return f'"{hashlib.sha256(content).hexdigest()[:32]}"'


def _answer(file: _File, request: Request) -> Response:
    headers = {
        "ETag": file.etag,
        "Cache-Control": file.keep,
        "Vary": "Accept-Encoding",
        "X-Content-Type-Options": "nosniff",
        "Referrer-Policy": "same-origin",
    }
    if file.policy:
        headers["Content-Security-Policy"] = file.policy
    if file.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=headers)
    encoding = _accepted(file, request.headers)
    if encoding:
        headers["Content-Encoding"] = encoding
    content = file.encoded[encoding] if encoding else file.content
    return Response(content, headers=headers, media_type=file.kind)


def _accepted(file: _File, headers: Headers) -> str | None:
    # Browsers name an encoding or leave it out; nobody refuses one with a weight of nought.
    named = {
        part.partition(";")[0].strip() for part in headers.get("accept-encoding", "").split(",")
    }
    return next((encoding for encoding in file.encoded if encoding in named), None)
