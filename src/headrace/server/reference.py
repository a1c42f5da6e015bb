"""The API described: as OpenAPI for machines, and as a page for people, both from the operations table."""

import base64
import hashlib
from collections.abc import Iterable
from functools import cache
from html import escape

import msgspec
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from headrace.server.replies import SAFE_HEADERS
from headrace.stores.base import TrackingStore
from headrace.wire.operations import TRACKING, Operation
from headrace.wire.schema import openapi

_POLICY = "default-src 'none'; style-src 'sha256-{digest}'; frame-ancestors 'self'"
_STYLE = (
    "body{font:14px/1.5 system-ui,sans-serif;max-width:60rem;margin:2rem auto;padding:0 1rem;color-scheme:light dark}"
    "table{border-collapse:collapse;width:100%}td,th{text-align:left;padding:.3rem .8rem .3rem 0;vertical-align:top;"
    "border-bottom:1px solid #8884}code{font-size:13px}h2{margin-top:2rem}"
)


def reference_routes(version: str) -> list[Route]:
    """``/openapi.json`` and ``/api-reference``; each is made when it is first asked for."""

    @cache
    def document() -> bytes:
        return msgspec.json.encode(openapi(version))

    @cache
    def page() -> str:
        return _page(version)

    async def get_document(_request: Request) -> Response:
        return Response(document(), media_type="application/json", headers=_headers())

    async def get_page(_request: Request) -> Response:
        return Response(
            page(),
            media_type="text/html",
            headers={**_headers(), "content-security-policy": _policy()},
        )

    return [
        Route("/openapi.json", get_document, methods=["GET"]),
        Route("/api-reference", get_page, methods=["GET"]),
    ]


def _headers() -> dict[str, str]:
    return {name.decode(): value.decode() for name, value in SAFE_HEADERS}


def _policy() -> str:
    digest = base64.b64encode(hashlib.sha256(_STYLE.encode()).digest()).decode()
    return _POLICY.format(digest=digest)


def _page(version: str) -> str:
    subjects: dict[str, list[Operation[object, object]]] = {}
    for operation in TRACKING:
        subjects.setdefault(operation.path.split("/")[2], []).append(operation)
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8><title>Headrace API</title>",
        f"<style>{_STYLE}</style><h1>Headrace {escape(version)}: REST API</h1>",
        "<p>Requests and answers are JSON. <a href=openapi.json>The OpenAPI document</a> has every type.</p>",
    ]
    for subject, operations in subjects.items():
        parts += [f"<h2>{escape(subject)}</h2>", _table(operations)]
    return "".join(parts)


def _table(operations: Iterable[Operation[object, object]]) -> str:
    rows = (
        f"<tr><td><code>{' '.join(one.verbs)}</code><td><code>{escape(one.client_url)}</code><br>"
        f"{escape(_promise(one.method))}<td><code>{escape(_fields(one.question))}</code>"
        f"<td><code>{escape(_fields(one.answer))}</code></tr>"
        for one in operations
    )
    return f"<table><tr><th>verb<th>path<th>takes<th>gives</tr>{''.join(rows)}</table>"


def _promise(method: str) -> str:
    return (getattr(TrackingStore, method).__doc__ or "").split("\n")[0]


def _fields(struct: type[object]) -> str:
    names = [
        field.encode_name + ("" if field.required else "?")
        for field in msgspec.structs.fields(struct)  # type: ignore[arg-type]
    ]
    return ", ".join(names) or "{}"
