"""What a pipeline is asked, and what it answers, as tables and lists."""

from collections.abc import Mapping
from typing import Any

from headrace import plugins

_TEXTS = ("generated_text", "translation_text", "summary_text", "answer", "text")
"""The keys under which pipelines that write give what they wrote."""
_FLATTENED = ["labels", "scores"]


def asked(data: Any) -> Any:
    """A table of one column as a list, one of several as a list of dicts; other things as they are."""
    if not hasattr(data, "columns"):
        return data.tolist() if hasattr(data, "tolist") else data
    if len(data.columns) == 1:
        return data[data.columns[0]].tolist()
    return data.to_dict("records")


def plain(found: Any) -> Any:
    """Labels with their scores as a table, texts as a list; what has another form as the pipeline gave it."""
    rows = [_best(one) for one in (found if isinstance(found, list) else [found])]
    if not rows or not all(isinstance(one, Mapping) for one in rows):
        return found
    key = next((name for name in _TEXTS if name in rows[0]), None)
    if key is not None:
        return [one[key] for one in rows]
    if "token_str" in rows[0]:
        return [one["token_str"] for one in rows]
    if set(_FLATTENED) <= set(rows[0]):
        table = plugins.load("pandas:DataFrame")(rows)
        return table.explode(_FLATTENED, ignore_index=True).infer_objects()
    scalar = all(isinstance(value, str | int | float) for one in rows for value in one.values())
    return plugins.load("pandas:DataFrame")(rows) if scalar else found


def _best(answer: Any) -> Any:
    """Of several texts for one input the first; pipelines put the best one there."""
    many = isinstance(answer, list) and answer and isinstance(answer[0], Mapping)
    written = many and any(name in answer[0] for name in (*_TEXTS, "token_str"))
    return answer[0] if written else answer
