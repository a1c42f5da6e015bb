"""How long the web pages take in Chromium, with many runs: rows, filters, sorting, scrolling, charts.

Times are taken in the page, from the start of the navigation or from the act to the frame in which the
new content stands. Cold is a browser that was never there; warm is one that was there just before.
"""

import argparse
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import peers
import read
import report
import tracking

sys.path.insert(0, str(peers.ROOT / "tests"))
import browser

_COLUMNS = ",".join(f"{kind}.{kind[0]}{n}" for kind in ("params", "metrics") for n in range(20))
_SCROLL_FRAMES = 120
_SCROLL_PX = 40

_FIRST_ROW = "document.querySelector('[role=treegrid] [role=rowheader] a')"
_DRAWN = f"() => {_FIRST_ROW} && performance.now()"
_OTHER_ROWS = f"""() => document.querySelector('[role=treegrid][aria-busy=false]')
    && {_FIRST_ROW} && {_FIRST_ROW}.textContent != window.before && performance.now() - window.started"""
_METRICS = """() => document.querySelectorAll('[role=table][aria-label=Metrics] [role=row]').length > 10
    && performance.now()"""
_CHART = """() => document.querySelector('figure canvas')
    && document.querySelector('figcaption').textContent.includes('1,000,000 points')
    && performance.now()"""
_ACT = f"() => {{ window.before = {_FIRST_ROW}.textContent; window.started = performance.now(); }}"
_SCROLL = f"""() => new Promise((done) => {{
    const scroller = document.querySelector('[role=treegrid]');
    const frames = [];
    let last;
    const step = (now) => {{
        if (last !== undefined) frames.push(now - last);
        last = now;
        scroller.scrollLeft += {_SCROLL_PX};
        if (frames.length < {_SCROLL_FRAMES}) requestAnimationFrame(step); else done(frames);
    }};
    requestAnimationFrame(step);
}})"""
_BYTES = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(({ name, transferSize }) => [new URL(name).pathname, transferSize])"""


def opened(page: Any, address: str, drawn: str) -> float:
    """Milliseconds from the start of the navigation until ``drawn`` is true."""
    page.goto(address, wait_until="commit")
    return float(page.wait_for_function(drawn).json_value())


def cold_and_warm(visit: Any, address: str, drawn: str, repeat: int) -> tuple[float, float]:
    """The medians of first visits, and of second ones."""
    cold, warm = [], []
    for _ in range(repeat):
        with visit() as page:
            cold.append(opened(page, address, drawn))
            page.wait_for_load_state("load")
            warm.append(opened(page, address, drawn))
    return statistics.median(cold), statistics.median(warm)


def acted(page: Any, act: Callable[[], object]) -> float:
    """Milliseconds from the act to other rows."""
    page.evaluate(_ACT)
    act()
    return float(page.wait_for_function(_OTHER_ROWS).json_value())


def filtered(page: Any, address: str, repeat: int) -> float:
    """The median of filters that one run in a hundred matches, each another one."""
    opened(page, address, _DRAWN)
    box = page.get_by_label("Filter runs")
    taken = []
    for number in range(repeat):
        box.fill(f"metrics.m{number} < 0.01 and params.p{number} = 'v1'")
        taken.append(acted(page, lambda: box.press("Enter")))
    return statistics.median(taken)


def sorted_by_click(page: Any, address: str, repeat: int) -> float:
    """The median of clicks, each on another column."""
    opened(page, f"{address}?cols={_COLUMNS}", _DRAWN)
    page.get_by_label("Filter runs").wait_for()
    taken = []
    for number in range(repeat):
        head = page.get_by_role("columnheader", name=f"p{number}").first
        taken.append(acted(page, head.get_by_role("button").first.click))
    return statistics.median(taken)


def scrolled(page: Any, address: str) -> list[float]:
    """The milliseconds between the frames of a scroll across 40 columns."""
    opened(page, f"{address}?cols={_COLUMNS}", _DRAWN)
    page.wait_for_load_state("load")
    frames: list[float] = page.evaluate(_SCROLL)
    return frames


def transferred(visit: Any, address: str) -> tuple[float, float]:
    """Kilobytes that a first visit brings, and those of them that are JavaScript."""
    with visit() as page:
        opened(page, address, _DRAWN)
        page.wait_for_load_state("load")
        found = page.evaluate(_BYTES)
    script = sum(size for path, size in found if path.endswith(".js"))
    return sum(size for _, size in found) / 1e3, script / 1e3


def rows(server: peers.Server, chromium: Any, repeat: int) -> Iterator[report.Row]:
    """The figures of the pages of ``server``."""
    api = tracking.Api(server.port)
    experiment = api.get("experiments/get-by-name", {"experiment_name": "bench"})["experiment"]
    runs = api.post(
        "runs/search", {"experiment_ids": [experiment["experiment_id"]], "max_results": 1}
    )
    charted = read.log_series(server.port, api, [100_000] * read.CHART_RUNS)
    of_series = api.get("experiments/get-by-name", {"experiment_name": "series"})["experiment"]
    api.close()
    table = f"/experiments/{experiment['experiment_id']}"
    run = f"{table}/runs/{runs['runs'][0]['info']['run_id']}"
    charts = f"/experiments/{of_series['experiment_id']}?sel={','.join(charted)}"

    def visit() -> Any:
        return browser.visitor(chromium, server.url)

    yield from _both(
        "first row after navigation", cold_and_warm(visit, table, _DRAWN, repeat), 1_000, 300
    )
    with visit() as page:
        yield _row("filter to new rows", "ms", filtered(page, table, repeat), 300)
    with visit() as page:
        yield _row(
            "click on a column's head to new rows", "ms", sorted_by_click(page, table, repeat), 300
        )
    with visit() as page:
        frames = sorted(frame for _ in range(repeat) for frame in scrolled(page, table))
    yield _row("sideways scroll, 40 columns: frames over 50 ms", "", sum(f > 50 for f in frames), 0)
    yield _row("sideways scroll, 40 columns: frame p95", "ms", frames[len(frames) * 95 // 100], 20)
    yield from _both(
        "run page until its metrics are listed",
        cold_and_warm(visit, run, _METRICS, repeat),
        800,
        300,
    )
    what = f"chart of {read.CHART_RUNS} runs x 100,000 points"
    yield from _both(what, cold_and_warm(visit, charts, _CHART, repeat), 1_000, 400)
    size, script = transferred(visit, table)
    yield _row("bytes of a first visit: all", "kB", size, 1_000)
    yield _row("bytes of a first visit: JavaScript", "kB", script, 350)


def _both(what: str, taken: tuple[float, float], cold: float, warm: float) -> Iterator[report.Row]:
    yield _row(f"{what}, cold", "ms", taken[0], cold)
    yield _row(f"{what}, warm", "ms", taken[1], warm)


def _row(what: str, unit: str, figure: float, target: float) -> report.Row:
    return report.Row(what, unit, "less", {report.OURS: figure}, target)


@contextmanager
def filled(runs: int) -> Iterator[peers.Server]:
    """A server with that many runs."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        url = read.seeded_runs(report.OURS, "sqlite", runs, folder, stack)
        yield stack.enter_context(read.serving(report.OURS, url, folder))


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    with filled(options.runs) as server, browser.chromium() as chromium:
        found = list(rows(server, chromium, options.repeat))
    remarks = [
        f"Medians of {options.repeat}, {options.runs:,} runs with 20 params and 20 metrics on SQLite; "
        "Chromium without a window, 1440x900. Headrace alone: the peers draw other pages.",
    ]
    command = f"python benchmarks/page.py --runs {options.runs} --repeat {options.repeat}"
    return report.Table("H-page", "H. The web pages", command, found, remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
