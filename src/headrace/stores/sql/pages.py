"""The page of runs that was asked for, found along the order or from all matches, whichever is less work."""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field

from headrace.search.tree import And, Node, Order
from headrace.stores.sql.matching import Effort, Matching, Part, is_in
from headrace.stores.sql.ordering import LARGEST_STRETCH, Group, Ordering, Pace, Start, Stretch
from headrace.stores.sql.phrases import Ids

_WALKED = 4  # what a run that is walked over costs, in the unit of `Phrases.look_up`
_FARTHEST = 10**12  # no store has so many runs, and every database can count to it


@dataclass
class _Walk:
    """A page that is being filled along its order."""

    node: Node | None
    part: Part
    orders: Sequence[Order]
    skip: int
    """So many matches are still to be passed over."""
    take: int
    """So many are still to be taken."""
    known: Ids | None
    """All matches, where they have been found."""
    taken: list[int] = field(default_factory=list)


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
        part, offset = self._matching.part(node), min(offset, _FARTHEST)
        few = self._effort.few_entries
        if known is None and node is not None and self._matching.size(part) < few:
            known = self._matching.members(part)
        if known is not None and self._looks_up(known, orders, offset + limit):
            return self._ordering.chosen(known, orders, offset, offset + limit)
        return self._walked(_Walk(node, part, orders, offset, limit, known))

    def _walked(self, walk: _Walk) -> list[int]:
        first, last = walk.skip, walk.skip + walk.take
        filtered = walk.node is not None
        start = Start(0) if filtered else self._ordering.start_at(walk.orders, walk.skip)
        walk.skip -= start.passed
        pace = Pace(self._first_stretch(walk))
        begun = start if start.passed else None
        looked_up = passed = 0
        for group in self._ordering.groups(walk.orders, pace, begun, filtered=filtered):
            if isinstance(group, Stretch):
                looked_up += math.ceil(len(group.ids) * self._matching.look_ups(walk.part))
                passed += len(group.ids)
            else:
                looked_up += self._effort.look_ups // 2
            if walk.known is None and filtered and not self._bears(walk.part, looked_up):
                walk.known = self._matching.members(walk.part)
            if walk.known is not None and self._looks_up(walk.known, walk.orders, last, passed):
                return self._ordering.chosen(walk.known, walk.orders, first, last)
            if isinstance(group, Stretch):
                self._take(group, walk)
            else:
                self._enter(group, walk)
            if not walk.take:
                break
            self._prepare(walk, pace, len(group.ids) if isinstance(group, Stretch) else 0)
        return walk.taken

    def _first_stretch(self, walk: _Walk) -> int:
        size = walk.skip + walk.take + 1
        if walk.node is None:
            return size
        if walk.known is None:
            return max(size, self._effort.first_stretch)
        way = self._way(walk.known, walk.skip + walk.take)
        return min(max(size, way + way // 8), LARGEST_STRETCH)

    def _prepare(self, walk: _Walk, pace: Pace, before: int) -> None:
        """Look ahead from what the walk has met; ``before`` is the size of its last stretch."""
        if walk.known is None and walk.node is not None:
            way = self._matching.prepare(walk.part, walk.skip + walk.take)
            size = max(before, way + way // 8, self._effort.first_stretch)
            pace.size = min(size, LARGEST_STRETCH)

    def _bears(self, part: Part, looked_up: int) -> bool:
        """Whether so many look-ups are still little beside the work to do without them."""
        entries = self._matching.entries(part)
        return entries > 0 and looked_up <= max(
            self._effort.look_ups, entries / self._matching.phrases.look_up / 4
        )

    def _looks_up(self, known: Ids, orders: Sequence[Order], need: int, passed: int = 0) -> bool:
        """Whether looking up all matches costs less than walking until the page is full.

        The way is as long as if the matches lay evenly along it, or as what has been ``passed`` already
        without filling the page: they may stand where the order ends.
        """
        runs = self._matching.highest_run()
        way = max(passed, self._way(known, need)) if self._ordering.is_indexed(orders) else runs
        look_up = self._matching.phrases.look_up
        return len(known) * (1 + len(orders)) * look_up <= way * _WALKED

    def _way(self, known: Ids, need: int) -> int:
        """How far a walk goes if the matches lie evenly along it."""
        runs = self._matching.highest_run()
        return min(runs, need * runs // max(1, len(known)))

    def _take(self, stretch: Stretch, walk: _Walk) -> None:
        ids, ranks = stretch
        if walk.known is not None:
            keep = is_in(ids, walk.known)
        else:
            keep = is_in(ids, self._matching.staged(self._matching.among(walk.part, ids)))
        ids, ranks = ids[keep], ranks[keep]
        if len(ids) > walk.skip:
            # By the whole order, for texts may tie here that differ further on.
            last = walk.skip + walk.take
            found = self._ordering.untied(ids, ranks, walk.orders, walk.skip, last)
            walk.taken += found
            walk.take -= min(walk.take, len(ids) - walk.skip)
        walk.skip = max(0, walk.skip - len(ids))

    def _enter(self, group: Group, walk: _Walk) -> None:
        """Add the matches in a group that is too large to be listed, or that no index lists."""
        inner = group.node if walk.node is None else And((walk.node, group.node))
        known = walk.known
        if known is not None:
            known = self._matching.narrowed(known, self._matching.part(group.node))
        found = self.page(inner, walk.orders[1:], walk.skip, walk.take, known)
        walk.taken += found
        walk.take -= len(found)
        if found:
            walk.skip = 0
        elif walk.skip:
            count = self._matching.count
            walk.skip -= count(self._matching.part(inner)) if known is None else len(known)
