"""The model that a training gave, as an output of its run."""

from collections.abc import Callable
from typing import Any

from headrace.autologging import datasets
from headrace.autologging.session import Session
from headrace.models.inference import infer_signature

_EXAMPLE_ROWS = 5


def record(
    session: Session,
    log_model: Callable[..., Any],
    trained: Any,
    data: Any,
    predict: Callable[[Any], Any] | None,
    **options: Any,
) -> None:
    """The trained model, with the signature that its data shows.

    ``data`` is what it was trained on; nothing, or something that has no rows, gives no signature. Without
    ``predict`` the signature says what the model takes, and not what it gives.
    """
    if not session.options["log_models"]:
        return
    with session.quietly("the model"):
        signature = example = None
        with session.quietly("the signature"):
            example = None if data is None else datasets.first_rows(data, _EXAMPLE_ROWS)
            if hasattr(example, "shape") and session.options.get("log_model_signatures", True):
                output = None if predict is None else predict(example)
                signature = infer_signature(example, output)
        log_model(
            trained,
            name="model",
            signature=signature,
            input_example=example if session.options.get("log_input_examples") else None,
            registered_model_name=session.options.get("registered_model_name"),
            **options,
        )
