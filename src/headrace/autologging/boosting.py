"""What trainings in rounds have in common: scores of each round, the best of them, importances, the model."""

import json
from collections.abc import Callable, Mapping
from typing import Any

from headrace.autologging import beside
from headrace.autologging.integration import Recorded
from headrace.autologging.session import Session
from headrace.models.inference import infer_signature

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
_EXAMPLE_ROWS = 5


def importances(session: Session, kind: str, found: Mapping[str, float]) -> None:
    """One kind of importance by feature, the most important first."""
    ordered = dict(sorted(found.items(), key=lambda item: -item[1]))
    text = json.dumps(ordered, indent=1)
    name = f"feature_importance_{kind}.json"
    beside.do(session, name, lambda client, run_id: client.log_text(run_id, text, name))


def model(
    session: Session,
    log_model: Callable[..., Any],
    trained: Any,
    data: Any,
    predict: Callable[[Any], Any],
    **options: Any,
) -> None:
    """The trained model, with the signature that its data shows."""
    if not session.options["log_models"]:
        return
    with session.quietly("the model"):
        signature = example = None
        if hasattr(data, "shape") and session.options.get("log_model_signatures", True):
            example = data.iloc[:_EXAMPLE_ROWS] if hasattr(data, "iloc") else data[:_EXAMPLE_ROWS]
            with session.quietly("the signature"):
                signature = infer_signature(example, predict(example))
        log_model(
            trained,
            name="model",
            signature=signature,
            input_example=example if session.options.get("log_input_examples") else None,
            registered_model_name=session.options["registered_model_name"],
            **options,
        )
