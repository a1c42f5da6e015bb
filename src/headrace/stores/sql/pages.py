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
            return self._ordering.chosen(known, orders, offset, offset + limit)
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
        begun = start if start.passed else None
        for group in self._ordering.groups(orders, size, begun, filtered=node is not None):
            if isinstance(group, Stretch):
                looked_up += len(group.ids) * _leaves(part)
            else:
                looked_up += self._effort.look_ups // 2
            if known is None and node is not None and looked_up > self._effort.look_ups:
                known = self._matching.members(part)
                if self._is_short(known, last, orders):
                    return self._ordering.chosen(known, orders, first, last)
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
        ids, ranks = ids[keep], ranks[keep]
        if len(ids) > window.skip:
            # By the whole order, for texts may tie here that differ further on.
            last = window.skip + window.take
            window.taken += self._ordering.untied(ids, ranks, orders, window.skip, last)
            window.take -= min(window.take, len(ids) - window.skip)
        window.skip = max(0, window.skip - len(ids))

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
