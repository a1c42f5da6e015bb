"""What a search over settings found: the best of them, all as a table, and the best as child runs."""

import csv
import io
from typing import Any

from headrace.autologging.session import LONGEST_PARAM, TAG, Session
from headrace.fluent import runs

_RANK = "rank_test_score"
_PARAM = "param_"


def is_search(estimator: Any) -> bool:
    """Whether the estimator is a fitted search: all of scikit-learn's have these results."""
    return isinstance(getattr(estimator, "cv_results_", None), dict)


def record(session: Session, search: Any, most: int | None) -> None:
    """Record the results of a fitted search; ``most`` is how many child runs there may be."""
    results = search.cv_results_
    best = getattr(search, "best_params_", {})
    session.params({f"best_{name}": value for name, value in best.items()})
    session.metrics({"best_cv_score": getattr(search, "best_score_", None)})
    session.run.log_text(_table(results), "cv_results.csv")
    rank = next((name for name in results if name.startswith("rank_test_")), None)
    if rank is None:
        return
    order = sorted(range(len(results[rank])), key=lambda place: results[rank][place])
    for place in order if most is None else order[:most]:
        _child(session, results, place)


def _child(session: Session, results: dict[str, Any], place: int) -> None:
    row = {name: column[place] for name, column in results.items()}
    tags = {TAG: session.integration.name, **(session.options.get("extra_tags") or {})}
    with runs.open_run(parent_run_id=session.run.info.run_id, tags=tags) as child:
        child.log_params(
            {name: str(value)[:LONGEST_PARAM] for name, value in row["params"].items()}
        )
        numbers = {
            name: float(value)
            for name, value in row.items()
            if name != "params" and not name.startswith(_PARAM)
        }
        child.log_metrics(numbers)


def _table(results: dict[str, Any]) -> str:
    names = list(results)
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(names)
    writer.writerows(zip(*(results[name] for name in names), strict=True))
    return text.getvalue()
