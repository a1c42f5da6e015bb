"""All that a store has, page by page, as an iterator."""

from collections.abc import Iterator

import msgspec

from headrace.entities import Experiment, Run
from headrace.stores.base import TrackingStore
from headrace.wire.tracking import SearchExperiments, SearchRuns

_PAGE = 1_000


def all_experiments(store: TrackingStore, view_type: int) -> Iterator[Experiment]:
    """The experiments of some stages."""
    token: str | None = None
    while True:
        page = store.search_experiments(SearchExperiments(_PAGE, token, view_type=view_type))
        yield from page.experiments
        token = page.next_page_token
        if not token:
            return


def all_runs(store: TrackingStore, question: SearchRuns) -> Iterator[Run]:
    """All runs that a question finds, whatever its page is."""
    token: str | None = None
    while True:
        page = store.search_runs(
            msgspec.structs.replace(question, max_results=_PAGE, page_token=token)
        )
        yield from page.runs
        token = page.next_page_token
        if not token:
            return
