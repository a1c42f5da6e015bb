"""The first minutes: from the address that `make demo` prints to the best model on the visitor's disk."""

import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path

import joblib
import pytest
from playwright.sync_api import Browser, expect
from sklearn.datasets import load_digits

import browser as browsers
from servers import headrace_ui

pytestmark = pytest.mark.slow

ROOT = Path(__file__).parents[3]
# The demo as it is, with one family of its three: the others only take longer.
SMALL_DEMO = """
import sys
sys.path.insert(0, sys.argv[1])
import demo
demo.FAMILIES = tuple(family for family in demo.FAMILIES if family.name == "linear")
demo.main(sys.argv[2])
"""


@pytest.fixture(scope="module")
def printed(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address that is printed where the demo ends."""
    store = tmp_path_factory.mktemp("demo")
    subprocess.run([sys.executable, "-c", SMALL_DEMO, ROOT / "examples", store], check=True)
    with headrace_ui(store, tmp_path_factory.mktemp("ui")) as server:
        found = re.search(r"http://\S+", server.log.read_text())
        assert found
        yield found[0]


def test_the_best_model_is_found_compared_and_downloaded(
    browser: Browser, printed: str, tmp_path: Path
) -> None:
    with browsers.visitor(browser, printed) as page:
        page.goto(printed)
        page.get_by_role("link", name="digits").click()
        accuracy = page.get_by_role("columnheader").filter(has_text=re.compile("^accuracy"))
        accuracy.get_by_role("button").first.click()
        expect(accuracy).to_have_attribute("aria-sort", "descending")
        expect(page.get_by_role("treegrid").locator("[data-stale=true]")).to_have_count(0)
        rows = page.get_by_role("treegrid").get_by_role("rowheader")
        best, second = (rows.nth(n).get_by_role("link").inner_text() for n in range(2))
        for name in (best, second):
            page.get_by_label(f"Select {name}", exact=True).click()
        page.get_by_role("link", name="Compare").click()
        page.get_by_label("Only differences").uncheck()  # the two best may be equally good
        values = page.get_by_role("row").filter(has_text=re.compile("^accuracy")).get_by_role("cell")
        expect(values).to_have_count(2)
        higher, lower = (float(text.split("%")[-1]) for text in values.all_inner_texts())
        assert higher >= lower > 0.9
        page.get_by_role("link", name=best).click()
        page.get_by_role("link", name="Artifacts").click()
        page.get_by_text("model", exact=True).click()
        page.get_by_text("model.joblib").first.click()
        with page.expect_download() as download:
            page.get_by_role("main").get_by_text("Download", exact=True).click()
        download.value.save_as(tmp_path / "model.joblib")
    model = joblib.load(tmp_path / "model.joblib")
    assert model.predict(load_digits().data[:1]).shape == (1,)
