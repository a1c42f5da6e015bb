"""The data of a training, as an input of its run."""

from typing import Any

from headrace import plugins
from headrace.autologging.session import Session


def first_rows(data: Any, count: int) -> Any:
    """The first rows of a table, an array or a list."""
    return data.iloc[:count] if hasattr(data, "iloc") else data[:count]


def record(session: Session, data: Any, target: Any) -> None:
    """The data of the training, where it is a table or an array."""
    if not session.options["log_datasets"] or not hasattr(data, "shape"):
        return
    with session.quietly("the dataset"):
        if hasattr(data, "columns"):
            found = plugins.load("headrace.data:from_pandas")(data)
        else:
            found = plugins.load("headrace.data:from_numpy")(data, targets=target)
        session.run.log_input(found, context="train")
