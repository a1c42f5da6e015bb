"""What trainings in rounds have in common: what is recorded, and importances."""

import json
from collections.abc import Mapping

from headrace.autologging import beside
from headrace.autologging.integration import Recorded
from headrace.autologging.session import Session

RECORDS = (
    Recorded(
        "params", "the params of the training, and `num_boost_round`, `early_stopping_rounds`"
    ),
    Recorded(
        "metrics", "each evaluation metric of each evaluation set, round by round: `train-logloss`"
    ),
    Recorded("metrics", "with early stopping `stopped_iteration` and `best_iteration`"),
    Recorded("artifacts", "`feature_importance_….json`"),
    Recorded("dataset", "the data, as context `train`, where it was given as a table or an array"),
    Recorded(
        "model", "`model`, with its signature where the data was given as a table or an array"
    ),
)


def importances(session: Session, kind: str, found: Mapping[str, float]) -> None:
    """One kind of importance by feature, the most important first."""
    ordered = dict(sorted(found.items(), key=lambda item: -item[1]))
    text = json.dumps(ordered, indent=1)
    name = f"feature_importance_{kind}.json"
    beside.do(session, name, lambda client, run_id: client.log_text(run_id, text, name))
