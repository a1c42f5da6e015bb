"""The page of runs that was asked for, found along the order or from all matches, whichever is less work."""

from collections.abc import Sequence

import numpy as np
import numpy.typing as npt

from headrace.search.tree import And, Node, Order
from headrace.stores.sql.matching import LOOK_UP, Effort, Leaf, Matching, Part, is_in
from headrace.stores.sql.ordering import Group, Ordering, Start, Stretch
from headrace.stores.sql.phrases import Ids

Ranks = npt.NDArray[np.int64]


_WALKED = 4  # what a run that is walked over costs, in the unit of `LOOK_UP`


class _Window:
    """A page that is being filled: so many matches are still to be passed over, so many to be taken."""

    def __init__(self, offset: int, limit: int) -> None:
        self.skip, self.take = offset, limit
        self.taken: list[int] = []

    def add(self, runs: Sequence[int]) -> None:
        """Pass the next matches by; the window takes its own."""
        chosen = runs[self.skip : self.skip + self.take]
        self.skip = max(0, self.skip - len(runs))
        self.take -= len(chosen)
        self.taken += chosen


class Pages:
    """The pages of the runs of some experiments."""

    def __init__(self, matching: Matching, effort: Effort = Effort()) -> None:  # noqa: B008
        self._matching, self._effort = matching, effort
        self._ordering = Ordering(matching, effort)

    def page(
        self,
        node: Node | None,
        orders: Sequence[Order],
        offset: int,
        limit: int,
        known: Ids | None = None,
    ) -> list[int]:
        """The runs from ``offset`` on; ``known`` are all that match, where these have been found."""
        part = self._matching.part(node)
        if (
            known is None
            and node is not None
            and self._matching.size(part) < self._effort.few_entries
        ):
            known = self._matching.members(part)
        if known is not None and self._is_short(known, offset + limit, orders):
            return self._ordering.sorted(known, orders)[offset : offset + limit]
        return self._walk(node, part, orders, _Window(offset, limit), known)

    def _walk(
        self,
        node: Node | None,
        part: Part,
        orders: Sequence[Order],
        window: _Window,
        known: Ids | None,
    ) -> list[int]:
        first, last = window.skip, window.skip + window.take
        start = self._ordering.start_at(orders, window.skip) if node is None else Start(0)
        window.skip -= start.passed
        size = window.skip + window.take + 1
        size = size if node is None else max(size, self._effort.first_stretch)
        looked_up = 0
        for group in self._ordering.groups(orders, size, start if start.passed else None):
            if isinstance(group, Stretch):
                looked_up += len(group.ids) * _leaves(part)
            else:
                looked_up += self._effort.look_ups // 2
            if known is None and node is not None and looked_up > self._effort.look_ups:
                known = self._matching.members(part)
                if self._is_short(known, last, orders):
                    return self._ordering.sorted(known, orders)[first:last]
            if isinstance(group, Group):
                self._enter(node, group, orders[1:], window, known)
            else:
                self._take(group, part, orders, window, known)
            if not window.take:
                break
        return window.taken

    def _is_short(self, known: Ids, need: int, orders: Sequence[Order]) -> bool:
        """Whether looking up all matches costs less than walking until the page is full."""
        runs = self._matching.highest_run()
        walked = min(runs, need * runs // max(1, len(known)))
        return len(known) * (1 + len(orders)) * LOOK_UP <= walked * _WALKED

    def _take(
        self,
        stretch: Stretch,
        part: Part,
        orders: Sequence[Order],
        window: _Window,
        known: Ids | None,
    ) -> None:
        ids, ranks = stretch
        if known is not None:
            keep = is_in(ids, known)
        else:
            keep = is_in(ids, self._matching.staged(self._matching.among(part, ids)))
        ids = ids[keep]
        if ranks is None or len(ids) <= window.skip:
            window.add(ids.tolist())
        else:
            self._add_ranked(ids, ranks[keep], orders, window)

    def _add_ranked(self, ids: Ids, ranks: Ranks, orders: Sequence[Order], window: _Window) -> None:
        """Add runs of which only those of one rank may be in the wrong order."""
        last = min(window.skip + window.take, len(ids)) - 1
        start = int(np.searchsorted(ranks, ranks[window.skip], "left"))
        end = int(np.searchsorted(ranks, ranks[last], "right"))
        shown = self._untied(ids[start:end], ranks[start:end], orders)
        window.add([*ids[:start].tolist(), *shown, *ids[end:].tolist()])

    def _untied(self, ids: Ids, ranks: Ranks, orders: Sequence[Order]) -> list[int]:
        # Most are alone in their rank; only the others are looked up.
        _, counts = np.unique(ranks, return_counts=True)
        tied = ids[np.repeat(counts > 1, counts)]
        places = {run: place for place, run in enumerate(self._ordering.sorted(tied, orders))}
        if not places:
            return list(ids.tolist())
        rank_of = dict(zip(ids.tolist(), ranks.tolist(), strict=True))
        return sorted(rank_of, key=lambda run: (rank_of[run], places.get(run, 0)))

    def _enter(
        self,
        node: Node | None,
        group: Group,
        rest: Sequence[Order],
        window: _Window,
        known: Ids | None,
    ) -> None:
        """Add the matches in a group that is too large to be listed, or that no index lists."""
        inner = group.node if node is None else And((node, group.node))
        part = self._matching.part(group.node)
        some = None if known is None else self._matching.narrowed(known, part)
        found = self.page(inner, rest, window.skip, window.take, some)
        if found or not window.skip:
            window.skip, window.take = 0, window.take - len(found)
            window.taken += found
            return
        window.skip -= (
            len(some) if some is not None else self._matching.count(self._matching.part(inner))
        )


def _leaves(part: Part) -> int:
    if isinstance(part, Leaf):
        return 1
    inner = part.parts + getattr(part, "without", ())
    return sum(_leaves(each) for each in inner)
