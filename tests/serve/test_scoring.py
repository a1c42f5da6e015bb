"""`headrace models serve`, asked over HTTP: the protocol, its refusals, and its limits."""

import io
import json
import socket
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import numpy as np
import pandas as pd
import pyarrow as pa
import pyarrow.parquet
import pytest
from openapi_spec_validator import validate
from sklearn.linear_model import LogisticRegression

import headrace.pyfunc
import headrace.sklearn
import servers

RANDOM = np.random.default_rng(3)
FRAME = pd.DataFrame(RANDOM.normal(size=(1000, 4)), columns=list("abcd"))
MODEL = LogisticRegression().fit(FRAME, FRAME["a"] + FRAME["b"] > 0)
EXPECTED = MODEL.predict(FRAME).tolist()
SPLIT = {"columns": list(FRAME), "data": FRAME.to_numpy().tolist()}
SIX_MB = 6 * 2**20


def _shifting() -> Any:
    """A custom model of its own, which the server can load without this module."""

    def shifted(model_input: Any, params: dict[str, Any] | None = None) -> Any:
        if (model_input["n"] < 0).any():
            raise RuntimeError("negative counts")
        return model_input["n"] + params["by"]

    return shifted


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("models")
    headrace.sklearn.save_model(MODEL, folder / "plain", input_example=FRAME.head(3))
    counts = pd.DataFrame({"n": [1, 2], "text": ["x", "y"], "raw": [b"p", b"q"]})
    signature = headrace.models.infer_signature(counts, counts["n"], {"by": 10})
    headrace.pyfunc.save_model(folder / "custom", python_model=_shifting(), signature=signature)
    return folder


@pytest.fixture(scope="module")
def url(folder: Path) -> Iterator[str]:
    options = ["-m", f"plain={folder / 'plain'}", "-m", f"custom={folder / 'custom'}", "-t", "2"]
    limit = {"HEADRACE_SCORING_MAX_REQUEST_MB": "5"}
    with servers.model_server(folder, *options, extra=limit) as server:
        yield server.url


@pytest.fixture
def ask(url: str) -> Any:
    def ask(body: Any, model: str = "", kind: str = "application/json", **headers: str) -> Any:
        path = f"/models/{model}/invocations" if model else "/invocations"
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        return httpx.post(url + path, content=content, headers={"content-type": kind, **headers})

    return ask


def _parquet(frame: pd.DataFrame) -> bytes:
    sink = io.BytesIO()
    frame.to_parquet(sink)
    return sink.getvalue()


def _arrow(frame: pd.DataFrame) -> bytes:
    table = pa.Table.from_pandas(frame)
    sink = io.BytesIO()
    with pa.ipc.new_stream(sink, table.schema) as writer:
        writer.write_table(table)
    return sink.getvalue()


@pytest.mark.parametrize(
    ("kind", "body"),
    [
        ("application/json", {"dataframe_split": SPLIT}),
        ("application/json; charset=utf-8", {"dataframe_split": SPLIT}),
        (
            "application/json",
            {"dataframe_split": {**SPLIT, "columns": list("dcba"), "data": [r[::-1] for r in SPLIT["data"]]}},
        ),
        ("application/json", {"dataframe_records": FRAME.to_dict("records")}),
        ("application/json", {"instances": FRAME.to_dict("records")}),
        ("application/json", {"inputs": FRAME.to_dict("list")}),
        ("text/csv", FRAME.to_csv(index=False).encode()),
        ("application/vnd.apache.parquet", _parquet(FRAME)),
        ("application/vnd.apache.arrow.stream", _arrow(FRAME)),
    ],
)  # fmt: skip
def test_every_form_of_a_table_gets_the_same_predictions(ask: Any, kind: str, body: Any) -> None:
    answer = ask(body, kind=kind)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/json")
    assert answer.json() == {"predictions": EXPECTED}


def test_an_answer_is_a_table_of_arrow_or_parquet_on_request(ask: Any) -> None:
    body = {"dataframe_split": SPLIT}
    arrow = ask(body, accept="application/vnd.apache.arrow.stream").content
    parquet = ask(body, accept="application/vnd.apache.parquet").content
    assert pa.ipc.open_stream(arrow).read_all()["predictions"].to_pylist() == EXPECTED
    found = pyarrow.parquet.read_table(io.BytesIO(parquet))
    assert found["predictions"].to_pylist() == EXPECTED


def test_params_go_with_the_data_and_bytes_come_in_base64(ask: Any) -> None:
    rows = [{"n": 1, "text": "x", "raw": "cA=="}, {"n": 2, "text": "y", "raw": "cQ=="}]
    assert ask({"dataframe_records": rows}, "custom").json() == {"predictions": [11, 12]}
    shifted = ask({"dataframe_records": rows, "params": {"by": 100}}, "custom")
    assert shifted.json() == {"predictions": [101, 102]}


@pytest.mark.parametrize(
    ("body", "status", "said"),
    [
        (b"{", 400, "not JSON"),
        ([1], 400, "a JSON object"),
        ({"rows": []}, 400, "exactly one of"),
        ({"inputs": [], "instances": []}, 400, "exactly one of"),
        ({"dataframe_split": {"columns": list("abcd"), "data": [[1, 2, 3, 4], [1, 2]]}}, 400, "row 1 of data has 2 values"),
        ({"dataframe_split": {"columns": list("abcd"), "data": [[1, 2, 3, 4], 5]}}, 400, "row 1"),
        ({"dataframe_split": {"columns": list("abc"), "data": [[1, 2, 3]]}}, 400, "Missing: column 'd'"),
        ({"dataframe_split": {**SPLIT, "data": [[1, 2, 3, 4], [1, "two", 3, 4]]}}, 400, "Column 'b', row 1: expected double, got str 'two'"),
        ({"dataframe_split": {**SPLIT, "data": [[1, 2, 3, 4], [1, None, 3, 4]]}}, 400, "row 1"),
        ({"dataframe_records": [{"a": 1, "b": 1, "c": 1, "d": 1}, 7]}, 400, "row 1"),
        (b" " * SIX_MB, 413, "5 MiB"),
    ],
)  # fmt: skip
def test_what_is_wrong_with_a_body_is_said_and_where(
    ask: Any, body: Any, status: int, said: str
) -> None:
    answer = ask(body)
    assert answer.status_code == status
    assert said in answer.json()["message"]
    assert answer.json()["error_code"] in ("BAD_REQUEST", "INVALID_PARAMETER_VALUE")


def test_a_text_that_is_no_base64_is_named_with_its_row(ask: Any) -> None:
    rows = [{"n": 1, "text": "x", "raw": "cA=="}, {"n": 2, "text": "y", "raw": "?"}]
    answer = ask({"dataframe_records": rows}, "custom")
    assert answer.status_code == 400
    assert "Column 'raw', row 1" in answer.json()["message"]


def test_an_error_of_the_model_is_told_with_its_trace(ask: Any) -> None:
    answer = ask({"dataframe_records": [{"n": -1, "text": "x", "raw": "cA=="}]}, "custom")
    assert answer.status_code == 400
    assert answer.json()["error_code"] == "BAD_REQUEST"
    assert "negative counts" in answer.json()["message"]
    assert "shifted" in answer.json()["stack_trace"]


@pytest.mark.parametrize("kind", ["text/plain", "application/json; charset=latin-1", ""])
def test_other_content_types_are_415(ask: Any, kind: str) -> None:
    assert ask({"dataframe_split": SPLIT}, kind=kind).status_code == 415


def test_the_server_says_that_it_lives_and_which_it_is(url: str) -> None:
    for path in ("/ping", "/health"):
        answer = httpx.get(url + path)
        assert (answer.status_code, answer.text) == (200, "\n")
    assert httpx.get(url + "/version").text == headrace.__version__
    assert httpx.get(url + "/nowhere").json() == {"detail": "Not Found"}
    assert httpx.get(url + "/invocations").status_code == 405


def test_the_page_for_programs_knows_the_columns(url: str) -> None:
    page = httpx.get(url + "/openapi.json").json()
    validate(page)
    body = page["paths"]["/models/custom/invocations"]["post"]["requestBody"]["content"]
    forms = body["application/json"]["schema"]["oneOf"]
    (records,) = [one["properties"] for one in forms if "dataframe_records" in one["properties"]]
    row = records["dataframe_records"]["items"]["properties"]
    assert row["n"] == {"type": "integer", "format": "int64"}
    assert records["params"]["properties"] == {"by": {"type": "integer", "format": "int64"}}


def test_requests_are_counted(url: str, ask: Any) -> None:
    ask({"dataframe_split": SPLIT})
    page = httpx.get(url + "/metrics").text
    assert 'headrace_http_requests_total{method="POST",route="/invocations",status="200"}' in page


def test_a_slow_body_gets_408_while_others_are_answered(url: str, ask: Any) -> None:
    host, port = url.removeprefix("http://").split(":")
    with socket.create_connection((host, int(port))) as slow:
        head = f"POST /invocations HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n"
        slow.sendall(f"{head}Content-Length: 100\r\n\r\n{{".encode())
        assert ask({"dataframe_split": SPLIT}).status_code == 200
        slow.settimeout(20)
        assert slow.recv(1000).startswith(b"HTTP/1.1 408")


def test_many_clients_each_get_their_own_rows_back(url: str) -> None:
    wrong: list[str] = []

    def client(number: int) -> None:
        with httpx.Client(base_url=url) as http:
            for at in range(number, 400, 8):
                rows = [SPLIT["data"][at] if at % 5 else [1.0]]
                body = {"dataframe_split": {"columns": SPLIT["columns"], "data": rows}}
                answer = http.post("/invocations", json=body)
                expected = (200, EXPECTED[at]) if at % 5 else (400, None)
                found = answer.json().get("predictions", [None])[0]
                if (answer.status_code, found) != expected:
                    wrong.append(f"{at}: {answer.text}")

    threads = [threading.Thread(target=client, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert wrong == []


def test_a_model_of_a_stranger_that_runs_code_is_not_served(folder: Path, tmp_path: Path) -> None:
    import shutil

    shutil.copytree(folder / "custom", tmp_path / "strange")
    with (tmp_path / "strange" / "SHA256SUMS").open("r+") as sums:
        lines = sums.readlines()[1:]
        sums.seek(0)
        sums.writelines(lines)
        sums.truncate()
    with (
        pytest.raises(RuntimeError, match="runs"),
        servers.model_server(tmp_path, "-m", str(tmp_path / "strange")),
    ):
        pass
    with servers.model_server(tmp_path, "-m", str(tmp_path / "strange"), "--allow-code") as server:
        assert httpx.get(f"{server.url}/ping").status_code == 200


def test_an_alias_that_moves_is_followed_and_no_request_is_lost(tmp_path: Path) -> None:
    store = str(tmp_path / "store")
    headrace.set_tracking_uri(store)
    try:
        client = headrace.MlflowClient()
        for factor in (1, 2):
            headrace.pyfunc.log_model(
                name="times",
                python_model=_times(factor),
                registered_model_name="served-times",
                pip_requirements=[],
            )
        client.set_registered_model_alias("served-times", "best", "1")
        uri, fast = "models:/served-times@best", {"HEADRACE_SCORING_RELOAD_INTERVAL": "0.1"}
        extra = {**fast, "HEADRACE_TRACKING_URI": store}
        with servers.model_server(tmp_path, "-m", uri, extra=extra) as server:
            found = []
            for _ in range(400):
                answer = httpx.post(f"{server.url}/invocations", json={"inputs": [3]})
                assert answer.status_code == 200
                found.append(answer.json()["predictions"])
                if found == [[3]]:
                    client.set_registered_model_alias("served-times", "best", "2")
                if found[-1] == [6]:
                    break
            assert found[0] == [3]
            assert found[-1] == [6]
    finally:
        headrace.set_tracking_uri("")


def _times(factor: int) -> Any:
    return lambda model_input: model_input * factor
