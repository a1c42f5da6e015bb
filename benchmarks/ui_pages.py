"""How a person works the pages of each system: where they are, what is drawn, what is typed and clicked."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

_FIRST_ROW = "document.querySelector('[role=treegrid] [role=rowheader] a')"
_MLFLOW_ROW = "document.querySelector('.ag-row-first a')"


@dataclass(frozen=True)
class Pages:
    """The pages of one system; what is drawn is an expression of JavaScript."""

    table: Callable[[str], str]
    """The address of an experiment's runs."""
    run: Callable[[str, str], str]
    """The address of a run of an experiment."""
    first_row: str
    settled: str
    """Whether the table has the rows that were asked for last."""
    metrics: str
    """Whether a run's page lists its metrics."""
    filter: Callable[[Any, str], None]
    sort: Callable[[Any, int], None]
    """Clicks the head of a column, another one for another number."""


def _filter(page: Any, text: str) -> None:
    box = page.get_by_label("Filter runs")
    box.fill(text)
    box.press("Enter")


def _sort(page: Any, number: int) -> None:
    head = page.get_by_role("columnheader", name=f"p{number}", exact=False).first
    head.get_by_role("button").first.click()


def _mlflow_filter(page: Any, text: str) -> None:
    box = (
        page.get_by_test_id("runs-search-autocomplete")
        .locator("input")
        .or_(page.locator("input[placeholder^='metrics.rmse']"))
    )
    box.first.fill(text)
    box.first.press("Enter")


def _mlflow_sort(page: Any, _number: int) -> None:
    # Its other columns are chosen first; each click turns this one round.
    page.get_by_test_id("sort-header-Created").first.click()


PAGES = {
    "headrace": Pages(
        table=lambda experiment: f"/experiments/{experiment}",
        run=lambda experiment, run: f"/experiments/{experiment}/runs/{run}",
        first_row=_FIRST_ROW,
        settled="document.querySelector('[role=treegrid][aria-busy=false]')",
        metrics="document.querySelectorAll('[role=table][aria-label=Metrics] [role=row]').length > 10",
        filter=_filter,
        sort=_sort,
    ),
    "mlflow": Pages(
        table=lambda experiment: f"/#/experiments/{experiment}/runs",
        run=lambda experiment, run: f"/#/experiments/{experiment}/runs/{run}",
        first_row=_MLFLOW_ROW,
        settled="!document.querySelector('.ag-overlay-loading-center')",
        metrics="['m0', 'm1'].every((key) => document.body.innerText.includes('\\n' + key))",
        filter=_mlflow_filter,
        sort=_mlflow_sort,
    ),
}
