"""How long the web pages take in Chromium, with many runs, beside MLflow's: rows, filters, sorting, charts.

Times are taken in the page, from the start of the navigation or from the act to the frame in which the
new content stands. Cold is a browser that was never there; warm is one that was there just before.
"""

import argparse
import shutil
import statistics
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from pathlib import Path
from typing import Any

import load
import peers
import read
import report
import tracking
from ui_pages import PAGES, Pages

sys.path.insert(0, str(peers.ROOT / "tests"))
import browser

_COLUMNS = ",".join(f"{kind}.{kind[0]}{n}" for kind in ("params", "metrics") for n in range(20))
_SCROLL_FRAMES = 120
_CHARTS = 10
_TALL = 2_400  # room for all charts at once
_MANY_KEYS = 12_000
_OURS = PAGES[report.OURS]

_CHARTS_DRAWN = """(document.querySelectorAll('figure canvas').length >= {drawn}
    && document.querySelector('figcaption').textContent.includes('{points:,} points'))"""
_SCROLL = f"""([dx, dy]) => new Promise((done) => {{
    const scroller = document.querySelector('[role=treegrid]');
    const frames = [];
    let last;
    const step = (now) => {{
        if (last !== undefined) frames.push(now - last);
        last = now;
        scroller.scrollLeft += dx;
        scroller.scrollTop += dy;
        if (frames.length < {_SCROLL_FRAMES}) requestAnimationFrame(step); else done(frames);
    }};
    requestAnimationFrame(step);
}})"""
_BYTES = """() => [...performance.getEntriesByType('navigation'), ...performance.getEntriesByType('resource')]
    .map(({ name, transferSize }) => [new URL(name).pathname, transferSize])"""


@contextmanager
def visitor(chromium: Any, url: str, height: int = 900) -> Iterator[Any]:
    """A page of somebody who was never there before, whatever the page then does."""
    context = chromium.new_context(base_url=url, viewport={"width": 1440, "height": height})
    context.set_default_timeout(120_000)
    try:
        yield context.new_page()
    finally:
        context.close()


def drawn(expression: str) -> str:
    """A condition that gives the time at which it is true."""
    return f"() => {expression} && performance.now()"


def opened(page: Any, address: str, expression: str) -> float:
    """Milliseconds from the start of the navigation until something is drawn."""
    page.goto("about:blank")
    page.goto(address, wait_until="commit")
    return float(page.wait_for_function(drawn(expression)).json_value())


def cold_and_warm(visit: Any, address: str, expression: str, repeat: int) -> tuple[float, float]:
    """The medians of first visits, and of second ones."""
    cold, warm = [], []
    for _ in range(repeat):
        with visit() as page:
            cold.append(opened(page, address, expression))
            page.wait_for_load_state("load")
            warm.append(opened(page, address, expression))
    return statistics.median(cold), statistics.median(warm)


def acted(page: Any, pages: Pages, act: Callable[[], object]) -> float:
    """Milliseconds from the act to other rows."""
    row = pages.first_row
    page.evaluate(
        f"() => {{ window.before = {row}.textContent; window.started = performance.now(); }}"
    )
    act()
    other = f"{pages.settled} && {row} && {row}.textContent != window.before"
    found = page.wait_for_function(f"() => {other} && performance.now() - window.started")
    return float(found.json_value())


def filtered(page: Any, pages: Pages, address: str, repeat: int) -> float:
    """The median of filters that one run in a hundred matches, each another one."""
    opened(page, address, pages.first_row)
    texts = [f"metrics.m{n} < 0.01 and params.p{n} = 'v1'" for n in range(repeat)]
    return statistics.median(
        acted(page, pages, lambda text=text: pages.filter(page, text)) for text in texts
    )


def sorted_by_click(page: Any, pages: Pages, address: str, repeat: int) -> float:
    """The median of clicks, each on another column."""
    opened(page, address, pages.first_row)
    page.wait_for_load_state("load")
    return statistics.median(
        acted(page, pages, lambda number=number: pages.sort(page, number))
        for number in range(repeat)
    )


def transferred(visit: Any, address: str, pages: Pages) -> tuple[float, float]:
    """Kilobytes that a first visit brings, and those of them that are JavaScript."""
    with visit() as page:
        opened(page, address, pages.first_row)
        page.wait_for_load_state("load")
        found = page.evaluate(_BYTES)
    script = sum(size for path, size in found if path.endswith(".js"))
    return sum(size for _, size in found) / 1e3, script / 1e3


# What both systems are asked


Figures = dict[str, float]


def both(server: peers.Server, chromium: Any, repeat: int) -> Figures:
    """The figures that each system has, by the words of their rows."""
    pages = PAGES[server.system]
    api = tracking.Api(server.port)
    experiment = api.get("experiments/get-by-name", {"experiment_name": "bench"})["experiment"]
    number = experiment["experiment_id"]
    found = api.post("runs/search", {"experiment_ids": [number], "max_results": 1})
    many = _many_keys(api)
    api.close()
    table, run = pages.table(number), pages.run(number, found["runs"][0]["info"]["run_id"])
    shown = f"{table}?cols={_COLUMNS}" if server.system == report.OURS else table

    def visit() -> Any:
        return visitor(chromium, server.url)

    figures: Figures = {}
    for what, address, expression in (
        (_FIRST, table, pages.first_row),
        (_RUN, run, pages.metrics),
        (_KEYS, pages.table(many), pages.first_row),
    ):
        cold, warm = cold_and_warm(visit, address, expression, repeat)
        figures |= {f"{what}, cold": cold, f"{what}, warm": warm}
    with visit() as page:
        figures[_FILTER] = filtered(page, pages, table, repeat)
    with visit() as page:
        figures[_SORT] = sorted_by_click(page, pages, shown, repeat)
    figures[_SIZE], figures[_SCRIPT] = transferred(visit, table, pages)
    return figures


_FIRST = "first row after navigation"
_RUN = "run page until its metrics are listed"
_KEYS = f"first row of runs with {_MANY_KEYS:,} metrics"
_FILTER = "filter to new rows"
_SORT = "click on a column's head to new rows"
_SIZE = "bytes of a first visit: all"
_SCRIPT = "bytes of a first visit: JavaScript"
_TARGETS = {
    f"{_FIRST}, cold": ("ms", 1_000),
    f"{_FIRST}, warm": ("ms", 300),
    _FILTER: ("ms", 300),
    _SORT: ("ms", 300),
    f"{_RUN}, cold": ("ms", 800),
    f"{_RUN}, warm": ("ms", 300),
    f"{_KEYS}, cold": ("ms", 1_000),
    f"{_KEYS}, warm": ("ms", 300),
    _SIZE: ("kB", 1_000),
    _SCRIPT: ("kB", 350),
}


def _many_keys(api: tracking.Api) -> str:
    """An experiment of two runs with very many metrics."""
    experiment = api.create_experiment("many keys")
    for _ in range(2):
        run_id = api.create_run(experiment)
        for start in range(0, _MANY_KEYS, tracking.BATCH):
            keys = [f"layer.{n:05d}/norm" for n in range(start, start + tracking.BATCH)]
            metrics = [{"key": key, "value": 0.5, "timestamp": 1, "step": 0} for key in keys]
            api.post("runs/log-batch", {"run_id": run_id, "metrics": metrics})
    return experiment


# What only ours is asked


def ours(server: peers.Server, chromium: Any, repeat: int, points: int) -> Iterator[report.Row]:
    """What the table, the charts and the memory of our pages are like beyond the first rows."""
    api = tracking.Api(server.port)
    experiment = api.get("experiments/get-by-name", {"experiment_name": "bench"})["experiment"]
    table = _OURS.table(experiment["experiment_id"])
    charted, runs = _charted(server.port, api, points)
    live = api.create_run(api.create_experiment("live"))
    with visitor(chromium, server.url) as page:
        yield _row("another column until its values stand", "ms", column(page, table, repeat), 300)
    for what, way in (("sideways, 40 columns", (40, 0)), ("down through 10,000 rows", (0, 2_400))):
        with visitor(chromium, server.url) as page:
            frames = sorted(f for _ in range(repeat) for f in scrolled(page, table, way))
        yield _row(f"scroll {what}: frame p95", "ms", frames[len(frames) * 95 // 100], 50)
        yield _row(f"scroll {what}: frames over 50 ms", "", sum(f > 50 for f in frames), 0)
    with visitor(chromium, server.url) as page:
        yield _row("a logged point on the screen", "ms", point(page, api, live, repeat), 1_000)
    for number, address in (
        (1, f"{_OURS.table(charted)}?sel={','.join(runs)}"),
        (_CHARTS, f"/compare/charts?runs={','.join(runs)}"),
    ):
        what = f"{number} chart{'s' * (number > 1)} of {len(runs)} runs x {points:,} points"
        ready = _CHARTS_DRAWN.format(drawn=number, points=points * len(runs))
        taken = cold_and_warm(lambda: visitor(chromium, server.url, _TALL), address, ready, repeat)
        yield _row(f"{what}, cold", "ms", taken[0], 1_000)
        yield _row(f"{what}, warm", "ms", taken[1], 400)
    with visitor(chromium, server.url) as page:
        opened(page, table, _OURS.first_row)
        scrolled(page, table, (0, 2_400))
        yield _row("memory of the page's JavaScript after a scroll", "MB", heap(page), 300)
    api.close()


def column(page: Any, address: str, repeat: int) -> float:
    """The median from the choice of a column in the picker until its cells stand."""
    opened(page, f"{address}?cols=params.p0", _OURS.first_row)
    page.get_by_role("button", name="Columns").click()
    taken = []
    for number in range(1, repeat + 1):
        page.get_by_label("Find columns").fill(f"/^m{number}$/")
        page.evaluate("() => { window.started = performance.now(); }")
        page.get_by_role("button", name="Show found").click()
        cell = f"document.querySelector('[role=row][data-run] [aria-colindex=\"{number + 2}\"]')"
        shown = f"() => {cell}?.textContent && performance.now() - window.started"
        taken.append(float(page.wait_for_function(shown).json_value()))
    return statistics.median(taken)


def scrolled(page: Any, address: str, way: tuple[int, int]) -> list[float]:
    """The milliseconds between the frames of a scroll, so many pixels a frame."""
    opened(page, f"{address}?cols={_COLUMNS}", _OURS.first_row)
    page.wait_for_load_state("load")
    frames: list[float] = page.evaluate(_SCROLL, list(way))
    return frames


def point(page: Any, api: tracking.Api, run_id: str, repeat: int) -> float:
    """The median from the request that logs a value until the run's open page shows it."""
    info = api.get("runs/get", {"run_id": run_id})["run"]["info"]
    page.goto(_OURS.run(info["experiment_id"], run_id))
    page.get_by_role("heading").first.wait_for()
    taken = []
    for number in range(1, repeat + 1):
        page.evaluate("() => { window.started = performance.now(); }")
        body = {"run_id": run_id, "key": "live", "value": 1000 + number, "timestamp": 1}
        api.post("runs/log-metric", {**body, "step": number})
        shown = f"() => document.body.innerText.replace(',', '').includes('{1000 + number}')"
        page.wait_for_function(shown)
        taken.append(float(page.evaluate("() => performance.now() - window.started")))
    return statistics.median(taken)


def heap(page: Any) -> float:
    """Megabytes that the page's JavaScript holds, once what is garbage is gone."""
    session = page.context.new_cdp_session(page)
    session.send("HeapProfiler.collectGarbage")
    return float(session.send("Runtime.getHeapUsage")["usedSize"]) / 1e6


def _charted(port: int, api: tracking.Api, points: int) -> tuple[str, list[str]]:
    experiment = api.create_experiment("charted")
    runs = [api.create_run(experiment) for _ in range(read.CHART_RUNS)]
    for number, run_id in enumerate(runs):
        curves = {f"loss{n}": tracking.curve(points, number * _CHARTS + n) for n in range(_CHARTS)}
        done = load.drive(port, [load.Lane(tracking.curve_requests(run_id, curves))])
        if done.refused or done.broken:
            raise peers.BenchError(f"Headrace refused {done.refused} batches of points.")
        api.end_run(run_id)
    return experiment, runs


def _row(what: str, unit: str, figure: float, target: float) -> report.Row:
    return report.Row(what, unit, "less", {report.OURS: figure}, target)


# The table


@contextmanager
def filled(system: str, runs: int) -> Iterator[peers.Server]:
    """A server with that many runs, on a copy of its own."""
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bench-")))
        url = read.seeded_runs(system, "sqlite", runs, folder)
        own = folder / "store.db"  # a peer's is a copy already
        if not own.exists():
            shutil.copy(url.removeprefix("sqlite:///"), own)
        yield stack.enter_context(read.serving(system, f"sqlite:///{own}", folder))


def run(options: argparse.Namespace) -> report.Table:
    """The whole table."""
    sizes = {report.OURS: options.runs, "mlflow": options.mlflow_runs}
    figures: dict[str, Figures] = {}
    own: list[report.Row] = []
    for system in options.systems:
        with filled(system, sizes[system]) as server, browser.chromium() as chromium:
            figures[system] = both(server, chromium, options.repeat)
            if system == report.OURS:
                own = list(ours(server, chromium, options.repeat, options.points))
    compared = [
        report.Row(
            what, unit, "less", {system: found[what] for system, found in figures.items()}, target
        )
        for what, (unit, target) in _TARGETS.items()
    ]
    remarks = [
        f"Medians of {options.repeat}; runs with 20 params and 20 metrics on SQLite: Headrace has "
        f"{options.runs:,} of them, MLflow {options.mlflow_runs:,} (with more, its sort does not end within a "
        "minute); Chromium without a window, 1440x900.",
        "MLflow's sort is by time of creation, and its list holds 100 runs; ours is by a param, and holds all.",
    ]
    command = (
        f"python benchmarks/ui.py --runs {options.runs} --mlflow-runs {options.mlflow_runs} "
        f"--points {options.points} --repeat {options.repeat}"
    )
    return report.Table("H-page", "H. The web pages", command, [*compared, *own], remarks)


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--systems", nargs="+", default=[report.OURS, "mlflow"])
    parser.add_argument("--runs", type=int, default=100_000)
    parser.add_argument("--mlflow-runs", type=int, default=10_000)
    parser.add_argument("--points", type=int, default=1_000_000, help="of each of 100 series")
    parser.add_argument("--repeat", type=int, default=5)
    parser.add_argument("--json", type=Path, help="a folder that keeps the table for run_all.py")
    options = parser.parse_args()
    report.publish(run(options), options.json)


if __name__ == "__main__":
    main()
