"""Asking a server over plain HTTP, as a client in any language would."""

import hashlib
import http.client
import json
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import httpx

import servers

API = "/api/2.0/mlflow/"
AJAX = "/ajax-api/2.0/mlflow/"

Refused = Callable[[httpx.Response, int, str], str]


@dataclass
class Wire:
    """Asks a server over HTTP, as any client in any language would."""

    server: servers.Server
    folder: Path
    http: httpx.Client

    def post(self, path: str, body: Any = None, /, **options: Any) -> httpx.Response:
        """POST to a path below ``/api/2.0/mlflow/``."""
        return self.http.post(API + path, json=body, **options)

    def get(self, path: str, /, **query: Any) -> httpx.Response:
        """GET from a path below ``/api/2.0/mlflow/``."""
        return self.http.get(API + path, params=query)

    def answer(self, path: str, body: Any) -> Any:
        """The JSON of a POST that must succeed."""
        return read(self.post(path, body))

    def run(self, run_id: str) -> Any:
        """The run, as ``runs/get`` has it."""
        return read(self.get("runs/get", run_id=run_id))["run"]

    def send_raw(
        self,
        verb: str,
        target: str,
        body: bytes | None = None,
        headers: dict[str, str] | None = None,
    ) -> tuple[int, bytes]:
        """Sends the request target as it is: no client library tidies its dots and per cents."""
        address = urlsplit(self.server.url)
        connection = http.client.HTTPConnection(address.hostname or "", address.port, timeout=30)
        try:
            connection.putrequest(verb, target, skip_host=True, skip_accept_encoding=True)
            sent = {
                "Host": address.netloc,
                "Content-Length": str(len(body or b"")),
                **(headers or {}),
            }
            for name, value in sent.items():
                connection.putheader(name, value)
            connection.endheaders(body)
            response = connection.getresponse()
            return response.status, response.read()
        finally:
            connection.close()

    def snapshot(self) -> str:
        """A digest of all that the server keeps: experiments, runs of every stage, models, files."""
        everything: list[Any] = []
        experiments = self._all(
            "experiments/search", {"view_type": "ALL", "max_results": 50_000}, "experiments"
        )
        ids = [experiment["experiment_id"] for experiment in experiments]
        runs = self._all("runs/search", {"experiment_ids": ids, "run_view_type": "ALL"}, "runs")
        for run in runs:
            keys = {metric["key"] for metric in run["data"].get("metrics", [])}
            everything += [
                self.get("metrics/get-history", run_id=run["info"]["run_id"], metric_key=key).json()
                for key in sorted(keys)
            ]
        everything += [
            experiments,
            runs,
            self._all("logged-models/search", {"experiment_ids": ids}, "models"),
        ]
        files = self.folder / "artifacts"
        everything += [
            [str(f.relative_to(files)), f.stat().st_size]
            for f in sorted(files.rglob("*"))
            if f.is_file()
        ]
        return hashlib.sha256(json.dumps(everything, sort_keys=True).encode()).hexdigest()

    def _all(self, path: str, body: dict[str, Any], field: str) -> list[Any]:
        found: list[Any] = []
        token: str | None = None
        while True:
            page = self.answer(path, {**body, **({"page_token": token} if token else {})})
            found += page.get(field, [])
            token = page.get("next_page_token")
            if not token:
                return found


def read(response: httpx.Response) -> Any:
    """The JSON of an answer that must be a success."""
    assert response.status_code == 200, (
        f"{response.request.url}: {response.status_code} {response.text[:2000]}"
    )
    assert response.headers["content-type"].startswith("application/json")
    return response.json()
