"""What holds on every page: how it is served, found, read, and what it does when things go wrong."""

import re
from collections.abc import Callable
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page, expect

import browser as browsers
from e2e.ui import tracked
from e2e.ui.looking import matching
from e2e.ui.looking import serious_faults
from e2e.ui.tracked import Tracker
from servers import Server

pytestmark = pytest.mark.slow


def run_named(tracker: Tracker, experiment_id: str, name: str) -> str:
    found = tracker.ask(
        "runs/search", experiment_ids=[experiment_id], filter=f"run_name = '{name}'"
    )
    return str(found["runs"][0]["info"]["run_id"])


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize(
    ("address", "last_seen"),
    [
        ("/experiments", "role=link[name='airline-delay']"),
        ("/experiments?new=on", "role=dialog"),
        ("/experiments/{experiment}?sel={run}", "canvas"),
        ("/experiments/{experiment}?charts=wide&axis=ema0.6", "canvas"),
        ("/experiments/{experiment}?charts=wide&by=params.model", "canvas"),
        (
            "/experiments/{experiment}?charts=wide&add=scatter(params.lr,metrics.r2,params.model);"
            "parallel(params.depth,metrics.r2);importance(metrics.r2)",
            "role=region[name='What goes with r2']",
        ),
        ("/experiments/{experiment}?charts=off&by=params.model", "role=table[name='Groups of runs'] >> role=rowheader"),
        ("/experiments/{experiment}?q=metrics.rmse <", "role=alert"),
        ("/experiments/{experiment}/runs/{run}", "role=table[name='Metrics']"),
        ("/experiments/{experiment}/runs/{run}/metrics", "canvas"),
        ("{artifacts}/console", "text=gradient overflow"),
        ("{artifacts}/artifacts?path=table.csv", "main table"),
        ("/compare?runs={compared}", "role=rowheader[name='loss']"),
        ("/compare/code?runs={compared}", "[data-change=new]"),
        ("/compare/files?runs={compared}&path=report.md", "[data-change=new]"),
        ("/compare/images?runs={compared}", "main img"),
    ],
)
def test_no_page_has_a_serious_fault_of_accessibility(
    browser: Browser,
    server: Server,
    tracker: Tracker,
    models: str,
    artifacts_run: str,
    compared: list[str],
    address: str,
    last_seen: str,
    scheme: str,
) -> None:
    run_id = run_named(tracker, models, "run-29")
    with browsers.visitor(browser, server.url, color_scheme=scheme) as page:
        places = {"experiment": models, "run": run_id, "artifacts": artifacts_run}
        page.goto(address.format(**places, compared=",".join(compared)))
        expect(page.get_by_role("heading").first).to_be_visible()
        expect(page.locator(last_seen).first).to_be_visible()
        page.wait_for_function("document.getAnimations().every((each) => each.playState != 'running')")
        assert serious_faults(page) == []


def test_texts_of_users_are_texts_wherever_they_stand(page: Page, tracker: Tracker) -> None:
    address = tracked.hostile(tracker)
    page.goto("/experiments")
    expect(page.get_by_role("link", name="hostile")).to_be_visible()
    page.goto(f"{address.partition('/runs/')[0]}?cols=params.value,tags.text,metrics.loss")
    expect(page.get_by_role("gridcell", name="onerror").first).to_be_visible()
    page.goto(address)
    expect(page.get_by_role("heading", name="onerror").first).to_be_visible()
    page.get_by_text("d1", exact=True).click()
    page.get_by_role("link", name="Charts").click()
    canvas = page.locator("canvas")
    expect(canvas).to_be_visible()
    canvas.hover()
    expect(page.locator("[class*=tip]").get_by_text("onerror")).to_be_visible()


def test_the_scheme_follows_the_system_until_one_is_chosen(
    browser: Browser, server: Server
) -> None:
    background = "getComputedStyle(document.body).backgroundColor"
    with browsers.visitor(browser, server.url, color_scheme="dark") as page:
        page.goto("/experiments")
        dark = page.evaluate(background)
        page.get_by_label("Switch to light colours").click()
        light = page.evaluate(background)
        page.reload()
        assert page.evaluate(background) == light != dark
        page.emulate_media(color_scheme="light")
        page.get_by_label("Switch to dark colours").click()
        assert page.evaluate(background) == dark


def test_an_address_that_a_client_of_mlflow_prints_leads_to_its_page(
    page: Page, tracker: Tracker, models: str
) -> None:
    run_id = run_named(tracker, models, "run-11")
    page.goto(f"/#/experiments/{models}/runs/{run_id}")
    expect(page.get_by_role("heading", name="run-11")).to_be_visible()
    expect(page).to_have_url(re.compile(f"/experiments/{models}/runs/{run_id}$"))
    page.goto(f"/runs/{run_id}")
    expect(page.get_by_role("heading", name="run-11")).to_be_visible()


def test_what_is_not_there_is_told(page: Page) -> None:
    page.goto("/experiments/404404")
    expect(page.get_by_role("alert")).to_contain_text("404404")
    expect(page.get_by_role("button", name="Try again")).to_be_visible()
    page.goto("/experiments/0/runs/00000000000000000000000000000000")
    expect(page.get_by_role("heading", name="Not found")).to_be_visible()
    page.goto("/experiments/0/what/is/this")
    expect(page.get_by_role("heading", name="There is no such page")).to_be_visible()


def test_everything_works_below_a_path(
    browser: Browser,
    headrace_server: Callable[..., Server],
    tmp_path: Path,
) -> None:
    server = headrace_server(f"sqlite:///{tmp_path}/runs.db", "--static-prefix", "/ml/runs")
    with httpx.Client(base_url=server.url) as http:
        experiment_id = tracked.models(Tracker(http))
    with browsers.visitor(browser, f"{server.url}/ml/runs/") as page:
        page.goto("")
        page.get_by_role("link", name="airline-delay").click()
        expect(matching(page)).to_have_text("30 runs")
        expect(page).to_have_url(f"{server.url}/ml/runs/experiments/{experiment_id}")
        page.reload()
        page.get_by_role("link", name="run-29").click()
        page.get_by_role("link", name="Charts").click()
        expect(page.locator("canvas").first).to_be_visible()


def test_a_server_that_went_away_is_told_and_found_again(
    browser: Browser, headrace_server: Callable[..., Server], tmp_path: Path
) -> None:
    server = headrace_server(f"sqlite:///{tmp_path}/runs.db")
    with httpx.Client(base_url=server.url) as http:
        experiment_id = tracked.models(Tracker(http))
    page = browser.new_page(base_url=server.url)
    page.goto(f"/experiments/{experiment_id}")
    expect(matching(page)).to_have_text("30 runs")
    server.kill()
    expect(page.get_by_text("no answer since")).to_be_visible()
    stale = page.get_by_role("alert").filter(has_text="out of date")
    expect(stale).to_contain_text("cannot be reached")
    expect(matching(page)).to_have_text("30 runs")
    server.restart()
    expect(page.get_by_text("live", exact=True)).to_be_visible()
    expect(stale).to_be_hidden()
    page.close()


def test_the_page_may_run_no_script_but_its_own(server: Server) -> None:
    policy = httpx.get(f"{server.url}/experiments").headers["content-security-policy"]
    assert "unsafe" not in policy
    assert re.search(r"script-src 'self' 'sha256-[\w+/]{43}=';", policy)
    assert "frame-ancestors 'self'" in policy
    assert "object-src 'none'" in policy


def test_the_frame_of_foreign_files_has_no_origin_and_no_network(server: Server) -> None:
    policy = httpx.get(f"{server.url}/frame.html").headers["content-security-policy"]
    assert policy.startswith("sandbox allow-scripts; default-src 'none'")
    assert "allow-same-origin" not in policy
    assert "connect-src" not in policy, "so it falls back to none"


def test_files_are_sent_packed_and_kept_for_ever_and_the_page_is_asked_for_again(
    server: Server,
) -> None:
    page = httpx.get(f"{server.url}/")
    assert page.headers["cache-control"] == "no-cache"
    script = re.findall(r'src="\./(assets/[^"]+\.js)"', page.text)[0]
    for encoding in ("br", "gzip", "identity"):
        answer = httpx.get(f"{server.url}/{script}", headers={"accept-encoding": encoding})
        assert answer.headers["cache-control"] == "public, max-age=31536000, immutable"
        assert answer.headers.get("content-encoding", "identity") == encoding
        assert answer.text.startswith(("import", "var", "const", "(")), answer.text[:50]
    again = httpx.get(f"{server.url}/", headers={"if-none-match": page.headers["etag"]})
    assert (again.status_code, again.content) == (304, b"")


def test_the_first_page_needs_little(page: Page, models: str) -> None:
    page.goto(f"/experiments/{models}")
    expect(matching(page)).to_have_text("30 runs")
    sizes = page.evaluate(
        "performance.getEntriesByType('resource').map((r) => [r.name, r.encodedBodySize])"
    )
    scripts = sum(size for name, size in sizes if name.endswith(".js"))
    assert 100_000 < scripts < 250_000, sizes
    assert sum(size for _, size in sizes) < 500_000, sizes


@pytest.mark.parametrize(
    "path", ["/assets/../index.html", "/assets/%2e%2e/pages.py", "/assets/x.js"]
)
def test_only_what_was_built_is_served(server: Server, path: str) -> None:
    assert httpx.get(server.url + path).status_code == httpx.codes.NOT_FOUND
