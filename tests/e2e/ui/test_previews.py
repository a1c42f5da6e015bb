"""Files of a run shown by their kind: folded, drawn and read; nothing in them runs."""

import io
import json

import numpy as np
import pytest
from playwright.sync_api import Page, expect

from e2e.ui.tracked import Tracker

pytestmark = pytest.mark.slow

PIXEL = (
    "iVBORw0KGgoAAAANSUhEUgAAAAIAAAACCAIAAAD91JpzAAAAFElEQVR4nGP8z8DAwMDAxMDAwMAAAA0GAQMxMXEoAAAA"
    "AElFTkSuQmCC"
)
ALERT = "<img src=x onerror=\"parent.alert('ran')\"><script>parent.alert('ran')</script>"
FRAMED = "<p id=told></p><script>told.textContent = 'origin ' + origin</script>"
NOTEBOOK = {
    "nbformat": 4,
    "cells": [
        {"cell_type": "markdown", "source": ["# A study\n", f"with **care** {ALERT}"]},
        {
            "cell_type": "code",
            "execution_count": 7,
            "source": "fit(data)",
            "outputs": [
                {"output_type": "stream", "name": "stdout", "text": ["epoch 1\n", "epoch 2\n"]},
                {"output_type": "display_data", "data": {"text/html": FRAMED}},
                {"output_type": "error", "traceback": ["\x1b[31mValueError\x1b[0m: no"]},
            ],
        },
    ],
}
PLACES = {
    "type": "FeatureCollection",
    "features": [
        {"type": "Feature", "geometry": {"type": "Point", "coordinates": [2.35, 48.85]}},
        {
            "type": "Feature",
            "geometry": {"type": "LineString", "coordinates": [[2.35, 48.85], [10.7, 59.9]]},
        },
    ],
}


def _npy() -> bytes:
    file = io.BytesIO()
    np.save(file, np.array([[1.0, 2.0, 3.0], [4.0, 5.0, 9.0]]))
    return file.getvalue()


def _safetensors() -> bytes:
    head = json.dumps({"fc.weight": {"dtype": "F32", "shape": [10, 4], "data_offsets": [0, 160]}})
    return len(head).to_bytes(8, "little") + head.encode() + bytes(160)


@pytest.fixture(scope="module")
def files(tracker: Tracker) -> str:
    """The address of the files of a run."""
    experiment_id = tracker.experiment("previewed files")
    run_id = tracker.run(experiment_id, "previewed")
    deep = {"lr": 0.1, "layers": [{"units": 64, "name": "<b>first</b>"}], "rows": list(range(300))}
    for path, content in {
        "notes.md": f"# Findings\n\n| a | b |\n|---|---|\n| 1 | 2 |\n\n{ALERT}".encode(),
        "deep.json": json.dumps(deep).encode(),
        "odd.json": b'{"loss": NaN}',
        "study.ipynb": json.dumps(NOTEBOOK).encode(),
        "places.geojson": json.dumps(PLACES).encode(),
        "array.npy": _npy(),
        "weights.safetensors": _safetensors(),
        "broken.npy": b"no array",
    }.items():
        tracker.upload(run_id, path, content)
    return f"/experiments/{experiment_id}/runs/{run_id}/artifacts?path="


@pytest.fixture(autouse=True)
def no_script_runs(page: Page) -> None:
    page.on("dialog", lambda dialog: pytest.fail(f"a script ran: {dialog.message}"))


def test_markdown_is_set(page: Page, files: str) -> None:
    page.goto(f"{files}notes.md")
    article = page.get_by_role("article")
    expect(article.get_by_role("heading", name="Findings")).to_be_visible()
    expect(article.get_by_role("cell", name="2")).to_be_visible()
    expect(article).to_contain_text("onerror")


def test_json_folds(page: Page, files: str) -> None:
    page.goto(f"{files}deep.json")
    article = page.get_by_role("article")
    expect(article).to_contain_text("lr: 0.1")
    expect(article.get_by_text("units: 64")).to_be_hidden()
    article.get_by_text("[…] 1 item").click()
    article.get_by_text("{…} 2 keys").click()
    expect(article).to_contain_text("units: 64")
    expect(article).to_contain_text('name: "<b>first</b>"')
    article.get_by_text("[…] 300 items").click()
    expect(article).not_to_contain_text("299: 299")
    article.get_by_role("button", name="100 more").click()
    expect(article).to_contain_text("299: 299")
    page.goto(f"{files}odd.json")
    expect(article.locator("pre")).to_have_text('{"loss": NaN}')


def test_a_notebook_is_shown_as_it_was_saved(page: Page, files: str) -> None:
    page.goto(f"{files}study.ipynb")
    article = page.get_by_role("article")
    expect(article.get_by_role("heading", name="A study")).to_be_visible()
    cell = article.get_by_role("region", name="Cell 2")
    expect(cell).to_contain_text("[7]")
    expect(cell).to_contain_text("fit(data)")
    expect(cell).to_contain_text("epoch 2")
    expect(cell).to_contain_text("ValueError: no")
    expect(page.frame_locator("iframe").get_by_text("origin null")).to_be_visible()


def test_geometries_are_drawn(page: Page, files: str) -> None:
    page.goto(f"{files}places.geojson")
    drawing = page.get_by_role("img", name="Map")
    expect(drawing.locator("path")).to_have_count(1)
    expect(drawing.locator("circle")).to_have_count(1)


def test_arrays_tell_their_shapes(page: Page, files: str) -> None:
    page.goto(f"{files}array.npy")
    article = page.get_by_role("article")
    for text in ("<f8", "2 × 3", "6", "1", "4", "9"):
        expect(article.get_by_role("cell", name=text, exact=True)).to_be_visible()
    page.goto(f"{files}weights.safetensors")
    for text in ("fc.weight", "F32", "10 × 4"):
        expect(article.get_by_role("cell", name=text, exact=True)).to_be_visible()
    page.goto(f"{files}broken.npy")
    expect(article).to_contain_text("does not tell what it holds")
