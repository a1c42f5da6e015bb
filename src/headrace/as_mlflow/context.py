"""The tags that a run gets from its surroundings."""

from typing import Any

from headrace.client.source import source_tags


def resolve_tags(tags: dict[str, Any] | None = None, ignore: object = None) -> dict[str, Any]:  # noqa: ARG001
    """``tags`` with those of the surroundings; the given ones win."""
    return source_tags() | (tags or {})
