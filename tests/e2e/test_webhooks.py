"""A server sends what webhooks wait for, by itself."""

import sqlite3
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, HTTPServer

import pytest

import headrace
from databases import Databases
from headrace.client.connection import close_stores
from servers import Server

pytestmark = pytest.mark.slow


def test_a_running_server_sends_what_is_due(
    databases: Databases, headrace_server: Callable[..., Server], monkeypatch: pytest.MonkeyPatch
) -> None:
    heard = threading.Event()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            self.rfile.read(int(self.headers["Content-Length"]))
            self.send_response(200)
            self.end_headers()
            heard.set()

        def log_message(self, *_: object) -> None: ...

    receiver = HTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=receiver.serve_forever, daemon=True).start()
    monkeypatch.setenv("HEADRACE_WEBHOOK_ALLOWED_SCHEMES", "http")
    monkeypatch.setenv("HEADRACE_WEBHOOK_ALLOW_PRIVATE_IPS", "true")
    address = databases.new("sqlite")
    server = headrace_server(address)
    client = headrace.MlflowClient(server.url)
    webhook = client.create_webhook(
        "ci", f"http://127.0.0.1:{receiver.server_port}/", ["model_version.created"]
    )
    assert client.test_webhook(webhook.webhook_id).success
    heard.clear()
    with sqlite3.connect(address.removeprefix("sqlite:///"), timeout=30) as database:
        database.execute(
            "INSERT INTO webhook_deliveries (delivery_id, webhook, event, body, created, state, attempts, due)"
            " SELECT 'd-1', id, 'model_version.created', '{}', 0, 0, 0, 0 FROM webhooks"
        )
    database.close()
    assert heard.wait(30)
    for _ in range(100):
        (sent,) = client.list_webhook_deliveries(webhook.webhook_id)
        if sent.state == "delivered":
            break
        time.sleep(0.1)
    assert (sent.delivery_id, sent.state, sent.attempts) == ("d-1", "delivered", 1)
    receiver.shutdown()
    receiver.server_close()
    close_stores()
