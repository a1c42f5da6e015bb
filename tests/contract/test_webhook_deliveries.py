"""Messages to webhooks: written with the change, signed, sent until they arrive, never lost, told of."""

import base64
import hashlib
import hmac
import json
import threading
from collections.abc import Iterator, Mapping
from contextlib import closing
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import pytest

from databases import KINDS, Databases
from headrace import clock
from headrace.egress import Egress
from headrace.entities import WebhookDelivery, WebhookEvent
from headrace.errors import CorruptDataError, InvalidValueError, UnsupportedError
from headrace.stores.sql import SqlStore, connect, outbox
from headrace.stores.sql.transaction import Transaction
from headrace.wire import webhooks as w

KEY = "a key that is long enough to be one, for tests"
HERE = Egress(("http",), allow_private=True, timeout_s=5)
CREATED = WebhookEvent("MODEL_VERSION", "CREATED")


@dataclass
class Receiver:
    """A server that is called; it answers with ``status``."""

    url: str = ""
    status: int = 200
    heard: list[tuple[Mapping[str, str], bytes]] = field(default_factory=list)


@pytest.fixture
def receiver() -> Iterator[Receiver]:
    found = Receiver()

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            body = self.rfile.read(int(self.headers["Content-Length"]))
            found.heard.append((dict(self.headers), body))
            self.send_response(found.status)
            self.end_headers()
            self.wfile.write(b"a secret of the inside")

        def log_message(self, *_: object) -> None: ...

    class Server(ThreadingHTTPServer):
        request_queue_size = 128  # all are called at once

    server = Server(("127.0.0.1", 0), Handler)
    found.url = f"http://127.0.0.1:{server.server_port}/hook"
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield found
    server.shutdown()
    server.server_close()


@pytest.fixture(scope="module", params=KINDS)
def address(request: pytest.FixtureRequest, databases: Databases) -> str:
    return databases.new(request.param)


@pytest.fixture
def store(address: str) -> Iterator[SqlStore]:
    with closing(connect(address, egress=HERE, secret_key=KEY)) as opened:
        yield opened
        for webhook in opened.list_webhooks(w.ListWebhooks()).webhooks:
            opened.delete_webhook(w.DeleteWebhook(webhook.webhook_id))


def listen(store: SqlStore, receiver: Receiver, **given: Any) -> str:
    made = store.create_webhook(w.CreateWebhook("ci", receiver.url, [CREATED], **given))
    return made.webhook.webhook_id


def happen(store: SqlStore, *data: Mapping[str, Any], event: str = "model_version.created") -> None:
    """Something happens that webhooks hear of."""
    store._write_now(lambda tx, given: outbox.tell(tx, event, given), data)


def deliveries(store: SqlStore, webhook_id: str) -> list[WebhookDelivery]:
    return store.list_deliveries(w.ListDeliveries(webhook_id)).deliveries


def later(store: SqlStore, seconds: float) -> None:
    """Time goes by for what waits."""
    text = f"UPDATE webhook_deliveries SET due = due - {int(seconds * 1000)} WHERE state = 0"
    store._write_now(lambda tx, given: tx.cursor.execute(given), text)


def test_who_listens_is_told_once_and_the_message_is_signed(
    store: SqlStore, receiver: Receiver
) -> None:
    webhook_id = listen(store, receiver, secret="hush")
    happen(store, {"name": "prices", "version": "3"})
    assert store.deliver() == 1
    ((headers, body),) = receiver.heard
    message = json.loads(body)
    assert (message["entity"], message["action"]) == ("model_version", "created")
    assert message["data"] == {"name": "prices", "version": "3"}
    assert message["timestamp"].startswith("20")
    signed = f"{headers['X-MLflow-Delivery-Id']}.{headers['X-MLflow-Timestamp']}.".encode() + body
    expected = base64.b64encode(hmac.new(b"hush", signed, hashlib.sha256).digest()).decode()
    assert headers["X-MLflow-Signature"] == f"v1,{expected}"
    (sent,) = deliveries(store, webhook_id)
    assert (sent.state, sent.attempts, sent.response_status) == ("delivered", 1, 200)
    assert sent.delivery_id == headers["X-MLflow-Delivery-Id"]
    assert store.deliver() == 0
    assert len(receiver.heard) == 1


def test_who_does_not_listen_is_told_nothing(store: SqlStore, receiver: Receiver) -> None:
    webhook_id = listen(store, receiver)
    off = listen(store, receiver, status="DISABLED")
    happen(store, {"name": "prices"}, event="registered_model.created")
    assert deliveries(store, webhook_id) == []
    happen(store, {"name": "prices"})
    assert store.deliver() == 1
    assert deliveries(store, off) == []
    assert "X-MLflow-Signature" not in receiver.heard[0][0]


def test_what_did_not_happen_is_not_told(store: SqlStore, receiver: Receiver) -> None:
    webhook_id = listen(store, receiver)

    def fail(tx: Transaction, data: Any) -> None:
        outbox.tell(tx, "model_version.created", data)
        raise InvalidValueError("no")

    with pytest.raises(InvalidValueError):
        store._write_now(fail, [{"name": "prices"}])
    assert deliveries(store, webhook_id) == []


def test_a_message_is_sent_again_with_the_same_id_until_it_arrives(
    store: SqlStore, receiver: Receiver
) -> None:
    webhook_id = listen(store, receiver)
    receiver.status = 503
    happen(store, {"name": "prices"})
    assert store.deliver() == 1
    (waiting,) = deliveries(store, webhook_id)
    assert (waiting.state, waiting.attempts, waiting.response_status) == ("waiting", 1, 503)
    assert waiting.error_message == "The address answered with the status 503."
    assert waiting.next_attempt_at is not None
    assert 3_000 < waiting.next_attempt_at - clock.now_ms() < 7_000
    assert store.deliver() == 0, "not before its time"
    receiver.status = 200
    later(store, 10)
    assert store.deliver() == 1
    (arrived,) = deliveries(store, webhook_id)
    assert (arrived.state, arrived.attempts) == ("delivered", 2)
    ids = {headers["X-MLflow-Delivery-Id"] for headers, _ in receiver.heard}
    assert ids == {arrived.delivery_id}


def test_what_never_arrives_is_given_up_and_can_be_replayed(
    store: SqlStore, receiver: Receiver
) -> None:
    webhook_id = listen(store, receiver)
    receiver.status = 500
    happen(store, {"name": "prices"})
    for _ in range(outbox.MOST_ATTEMPTS):
        assert store.deliver() == 1
        later(store, 10 * 86_400)
    assert store.deliver() == 0
    (dead,) = store.list_deliveries(w.ListDeliveries(webhook_id, "dead")).deliveries
    assert (dead.attempts, dead.next_attempt_at) == (outbox.MOST_ATTEMPTS, None)
    receiver.status = 204
    store.replay_delivery(w.ReplayDelivery(webhook_id, dead.delivery_id))
    assert store.deliver() == 1
    assert [one.state for one in deliveries(store, webhook_id)] == ["delivered"]


def test_an_address_where_nobody_answers_is_no_error_for_others(
    store: SqlStore, receiver: Receiver
) -> None:
    gone = listen(store, Receiver("http://127.0.0.1:9/nobody"))
    there = listen(store, receiver)
    happen(store, {"name": "one"}, {"name": "two"})
    assert store.deliver() == 4
    assert {one.state for one in deliveries(store, gone)} == {"waiting"}
    assert all("No answer" in (one.error_message or "") for one in deliveries(store, gone))
    assert {one.state for one in deliveries(store, there)} == {"delivered"}


def test_two_senders_do_not_send_the_same_message(
    store: SqlStore, address: str, receiver: Receiver
) -> None:
    listen(store, receiver)
    happen(store, *({"number": number} for number in range(40)))
    with closing(connect(address, egress=HERE, secret_key=KEY)) as other:
        done = threading.Event()

        def send() -> None:
            while other.deliver():
                pass
            done.set()

        threading.Thread(target=send).start()
        while store.deliver():
            pass
        assert done.wait(60)
    numbers = [json.loads(body)["data"]["number"] for _, body in receiver.heard]
    assert sorted(numbers) == list(range(40))


def test_a_sender_that_died_is_replaced(store: SqlStore, receiver: Receiver) -> None:
    listen(store, receiver)
    happen(store, {"name": "prices"})
    taken = store._write_now(outbox.take, (10, 60_000))
    assert len(taken) == 1
    assert store.deliver() == 0, "another has it"
    later(store, 61)
    assert store.deliver() == 1
    assert len(receiver.heard) == 1


def test_a_trial_says_how_it_went_and_nothing_of_the_answer(
    store: SqlStore, receiver: Receiver
) -> None:
    webhook_id = listen(store, receiver)
    result = store.test_webhook(w.TestWebhook(webhook_id)).result
    assert (result.success, result.response_status, result.response_body) == (True, 200, None)
    assert json.loads(receiver.heard[0][1])["data"]["version"] == "1"
    receiver.status = 404
    other = WebhookEvent("REGISTERED_MODEL", "CREATED")
    result = store.test_webhook(w.TestWebhook(webhook_id, other)).result
    assert (result.success, result.response_status) == (False, 404)
    assert json.loads(receiver.heard[1][1])["entity"] == "registered_model"
    assert deliveries(store, webhook_id) == []


def test_secrets_are_encrypted_where_they_lie(
    store: SqlStore, address: str, receiver: Receiver
) -> None:
    listen(store, receiver, secret="hush hush")
    rows = store.read(lambda view: view.fetch("SELECT secret FROM webhooks"))
    assert all(b"hush" not in bytes(secret) for (secret,) in rows)
    happen(store, {"name": "prices"})
    with closing(connect(address, egress=HERE, secret_key=f"not {KEY}")) as other:
        assert other.deliver() == 1
        (webhook,) = other.list_webhooks(w.ListWebhooks()).webhooks
        (waiting,) = deliveries(other, webhook.webhook_id)
        assert "HEADRACE_SECRET_KEY" in (waiting.error_message or "")
    later(store, 10)
    assert store.deliver() == 1
    assert len(receiver.heard) == 1


def test_without_a_key_a_folder_makes_one_and_a_server_asks_for_one(
    databases: Databases, receiver: Receiver
) -> None:
    with closing(connect(databases.new("postgresql"), egress=HERE)) as store:
        with pytest.raises(UnsupportedError, match="openssl rand"):
            listen(store, receiver, secret="hush")
        assert listen(store, receiver)
    address = databases.new("sqlite")
    for _ in range(2):
        with closing(connect(address, egress=HERE)) as store:
            listen(store, receiver, secret="hush")
            happen(store, {"name": "prices"})
            assert store.deliver() > 0
    folder = store._database.file.parent
    (key,) = [path for path in folder.iterdir() if path.name == ".headrace-key"]
    assert key.stat().st_mode & 0o777 == 0o600
    assert {headers["X-MLflow-Signature"][:3] for headers, _ in receiver.heard} == {"v1,"}
    with (
        pytest.raises(InvalidValueError, match="32 characters"),
        closing(connect(address, egress=HERE, secret_key="short")) as store,
    ):
        listen(store, receiver, secret="hush")


def test_a_secret_belongs_to_one_webhook(store: SqlStore, receiver: Receiver) -> None:
    seal = store._courier.seal
    sealed = seal.close("hush", "one")
    assert seal.open(sealed, "one") == "hush"
    with pytest.raises(CorruptDataError):
        seal.open(sealed, "other")
