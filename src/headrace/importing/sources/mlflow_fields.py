"""What MLflow's own stores spell with numbers."""

from headrace.entities import ModelStatus, RunStatus

RUN_STATUS: dict[object, RunStatus] = {
    1: "RUNNING",
    2: "SCHEDULED",
    3: "FINISHED",
    4: "FAILED",
    5: "KILLED",
}
MODEL_STATUS: dict[object, ModelStatus] = {
    0: "LOGGED_MODEL_STATUS_UNSPECIFIED",
    1: "LOGGED_MODEL_PENDING",
    2: "LOGGED_MODEL_READY",
    3: "LOGGED_MODEL_UPLOAD_FAILED",
}


def run_status(stored: object) -> RunStatus:
    """From the number or the name; a run whose state nobody knows has ended somehow."""
    if isinstance(stored, str) and stored in RUN_STATUS.values():
        return stored  # type: ignore[return-value]
    return RUN_STATUS.get(stored, "FINISHED")


def model_status(stored: object) -> ModelStatus:
    """From the number."""
    return MODEL_STATUS.get(stored, "LOGGED_MODEL_STATUS_UNSPECIFIED")
