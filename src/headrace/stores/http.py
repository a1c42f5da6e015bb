"""A store behind a server: each row of the operations table is a request."""

import email.utils
import os
import random
import time
from collections.abc import Callable
from functools import partial
from typing import Any, cast

import httpx
from msgspec import Struct

from headrace.clock import now_ms
from headrace.config import Settings, settings
from headrace.errors import EndpointNotFoundError, InvalidValueError, UnavailableError
from headrace.stores import identity
from headrace.stores.base import TrackingStore
from headrace.wire import codec
from headrace.wire.operations import TRACKING, Operation
from headrace.wire.tracking import TabulateRuns

COLUMNS_PATH = "/api/2.0/headrace/metrics/columns"

_CONNECT_TIMEOUT_S = 10.0
_LONGEST_WAIT_S = 30.0
_REFUSED_UNTOUCHED = frozenset({408, 429})
_MAY_PASS = frozenset({408, 429, 502, 503, 504})

# What would fail, or be done twice, if it were asked again after its answer was lost.
_ONCE = frozenset(
    {
        "create_experiment",
        "create_run",
        "update_experiment",
        "delete_experiment",
        "restore_experiment",
        "delete_experiment_tag",
        "delete_tag",
        "create_logged_model",
        "log_logged_model_params",
        "delete_logged_model_tag",
        "log_model_record",
        "create_evaluation_dataset",
        "create_registered_model",
        "rename_registered_model",
        "delete_registered_model",
        "create_model_version",
        "register_models",
        "delete_model_version",
        "create_transition_request",
        "approve_transition_request",
        "reject_transition_request",
        "delete_transition_request",
        "create_comment",
        "delete_comment",
        "create_webhook",
        "delete_webhook",
        "test_webhook",
    }
)
_KNOWN_BY = {"create_run": "run_id", "create_logged_model": "model_id"}


def connect(uri: str, given: Settings | None = None) -> TrackingStore:
    """The store that the server at ``uri`` keeps."""
    return cast("TrackingStore", HttpStore(uri, settings() if given is None else given))


class HttpStore:
    """The methods of `TrackingStore`, made from the operations table.

    Safe to share between threads, and usable in a forked child. Errors are those of the store behind
    the server; `UnavailableError` where no answer came, after as many repetitions as the settings allow
    and the operation bears.
    """

    def __init__(self, uri: str, given: Settings) -> None:
        self.uri = identity.address(uri)
        self._make_client = partial(http_client, uri, given)
        self._client, self._pid = self._make_client(), os.getpid()
        for operation in TRACKING:
            setattr(self, operation.method, partial(self._ask, operation))

    def get_metric_columns(self, run_id: str, metric_key: str) -> bytes:
        query = httpx.QueryParams({"run_id": run_id, "metric_key": metric_key})
        return self._send("GET", f"{COLUMNS_PATH}?{query}", None, repeatable=True)

    def close(self) -> None:
        self._client.close()

    def _ask(self, operation: Operation[Any, Any], question: Struct) -> Any:
        verb = operation.verbs[0]
        try:
            body = None if verb == "GET" else codec.encode(question)
            path = codec.address(operation, question)
        except UnicodeEncodeError as error:
            raise InvalidValueError(f"A text holds half of a surrogate pair: {error}.") from error
        # An id that the client gave lets the server recognise the second request.
        known = _KNOWN_BY.get(operation.method)
        repeatable = operation.method not in _ONCE or (
            known is not None and getattr(question, known) is not None
        )
        data = self._send(verb, path, body, repeatable=repeatable)
        answer = codec.decode_answer(operation, data)
        if isinstance(question, TabulateRuns):
            return codec.with_numbers(answer, question.columns)
        return answer

    def _send(self, verb: str, path: str, body: bytes | None, *, repeatable: bool) -> bytes:
        if os.getpid() != self._pid:  # a connection shared with the parent would mix up answers
            self._client, self._pid = self._make_client(), os.getpid()
        headers = {"Content-Type": "application/json"} if body is not None else None
        try:
            response = self._client.request(
                verb, path, content=body, headers=headers, extensions={"repeatable": repeatable}
            )
        except httpx.HTTPError as error:
            # The reason is in the text; the eighty lines of the libraries below help nobody.
            raise UnavailableError(f"No answer from {self.uri}: {_reason(error)}.") from None
        if response.is_redirect:
            raise EndpointNotFoundError(
                f"{self.uri} redirects to {response.headers.get('Location', 'nowhere')}; "
                "use that address as the tracking URI."
            )
        if response.status_code not in (200, 204):
            raise codec.error_from(response.status_code, response.content)
        return response.content


def http_client(uri: str, given: Settings) -> httpx.Client:
    """A client for the server at ``uri`` that knows the settings: credentials, trust, time, repetition."""
    transport = Retrying(
        httpx.HTTPTransport(verify=identity.trust(uri, given)),
        attempts=given.http_request_max_retries + 1,
        backoff_s=given.http_request_backoff_factor,
        jitter_s=given.http_request_backoff_jitter,
    )
    return httpx.Client(
        base_url=identity.address(uri),
        transport=transport,
        headers={"User-Agent": "headrace", **identity.headers(uri, given)},
        timeout=httpx.Timeout(
            given.http_request_timeout,
            connect=min(given.http_request_timeout, _CONNECT_TIMEOUT_S),
        ),
    )


class Retrying(httpx.BaseTransport):
    """Sends a request again where that does nothing twice.

    A request that reached nobody is always sent again, and so is one that the server refused untouched
    (408, 429). One whose answer was lost, or that failed at a gateway (502, 503, 504), is sent again only
    if its extension ``repeatable`` says so. Waits grow twofold, with jitter, or are as long as Retry-After.
    """

    def __init__(
        self,
        inner: httpx.BaseTransport,
        *,
        attempts: int,
        backoff_s: float = 0.5,
        jitter_s: float = 0.5,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._inner, self._attempts, self._sleep = inner, attempts, sleep
        self._backoff_s, self._jitter_s = backoff_s, jitter_s

    def handle_request(self, request: httpx.Request) -> httpx.Response:
        repeatable = bool(request.extensions.get("repeatable"))
        for attempt in range(self._attempts - 1):
            wait_s = self._wait(attempt)
            try:
                response = self._inner.handle_request(request)
            except (httpx.ConnectError, httpx.ConnectTimeout, httpx.PoolTimeout):
                pass
            except httpx.TransportError:
                if not repeatable:
                    raise
            else:
                if response.status_code not in (_MAY_PASS if repeatable else _REFUSED_UNTOUCHED):
                    return response
                wait_s = _retry_after(response) or wait_s
                response.close()
            self._sleep(min(wait_s, _LONGEST_WAIT_S))
        return self._inner.handle_request(request)

    def close(self) -> None:
        self._inner.close()

    def _wait(self, attempt: int) -> float:
        grown = 0.0 if attempt == 0 else self._backoff_s * 2.0 ** (attempt - 1)
        return grown + random.uniform(0.0, self._jitter_s)  # noqa: S311  (no secret)


def _retry_after(response: httpx.Response) -> float | None:
    text = response.headers.get("Retry-After", "").strip()
    if text.isdecimal():
        return float(text)
    try:
        moment = email.utils.parsedate_to_datetime(text)
    except ValueError:
        return None
    return max(0.0, moment.timestamp() - now_ms() / 1000)


def _reason(error: httpx.HTTPError) -> str:
    return str(error) or type(error).__name__
