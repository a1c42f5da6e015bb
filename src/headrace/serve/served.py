"""A model that is served: loaded, and replaced when what its URI means has moved."""

import logging
import threading
from typing import Any, NamedTuple

from headrace import plugins
from headrace.client.tracking import MlflowClient
from headrace.errors import HeadraceError
from headrace.fluent import model_uris
from headrace.models import enforcing
from headrace.pyfunc import PyFuncModel, load_model
from headrace.serve.batching import Line
from headrace.serve.rows import Rows

_log = logging.getLogger(__name__)


def place_now(uri: str) -> str:
    """Where the model is that a URI means now; a URI that can only mean one thing is its own place."""
    model = model_uris.parse(uri)
    if model is None or model.is_logged:
        return uri
    return model_uris.place_of(MlflowClient(), model)


class How(NamedTuple):
    """How models are loaded and asked."""

    config: dict[str, Any] | None = None
    """For models that are configured when they are loaded."""
    allow_code: bool | None = None
    most_waiting: int = 1024
    """Requests in the line of one model."""


class Loaded:
    """A model that is ready to answer: its own line, and the short way of its rows if it has one."""

    def __init__(self, uri: str, how: How) -> None:
        self.place = place_now(uri)
        self.model: PyFuncModel = load_model(
            uri, model_config=how.config, allow_code=how.allow_code
        )
        self.rows = Rows.of(self.model.metadata) if self.model.is_rowwise else None
        signature = self.model.metadata.signature
        self.line = Line(self._predict_rows, plugins.load("numpy:concatenate"), how.most_waiting)
        self._params = enforcing.enforce_params(None, signature.params) if signature else {}
        self._quick = None
        if self.rows is not None and not self._params:
            self._quick = self.model.of_rows(self.rows.names)

    def _predict_rows(self, rows: Any) -> Any:
        """The predictions for an array that `Rows.read` gave."""
        if self._quick is not None:
            return self._quick(rows)
        if self.rows is None:
            raise TypeError("This model does not take plain rows.")
        return self.model.predict_fitted(self.rows.frame(rows), self._params)

    def warm(self) -> None:
        """Predict the example that the model was saved with, so that the first caller need not wait."""
        example = self.model.input_example
        if example is not None:
            self.model.predict(example)


class Served:
    """What answers under a name. `current` is always a whole model."""

    def __init__(self, name: str, uri: str, how: How | None = None) -> None:
        self.name, self.uri, self._how = name, uri, how or How()
        self.current = Loaded(uri, self._how)
        self.reloads = 0

    def refresh(self) -> bool:
        """Load what the URI means now, if that has changed; the answer is whether it had.

        The new model answers once it is loaded and has predicted its own example. Until then, and if that
        fails, the old one does.
        """
        if place_now(self.uri) == self.current.place:
            return False
        fresh = Loaded(self.uri, self._how)
        fresh.warm()
        self.current = fresh
        self.reloads += 1
        _log.warning("%s is served from %s now.", self.uri, fresh.place)
        return True

    def keep_fresh(self, every_s: float, until: threading.Event) -> None:
        """Look from time to time whether the URI means another model, in a thread of its own."""
        model = model_uris.parse(self.uri)
        if model is None or model.is_logged or (model.which or "").isdecimal():
            return
        threading.Thread(target=self._watch, args=(every_s, until), daemon=True).start()

    def _watch(self, every_s: float, until: threading.Event) -> None:
        while not until.wait(every_s):
            try:
                self.refresh()
            except (HeadraceError, OSError) as error:
                _log.warning(
                    "%s could not be looked up or loaded; what is served stays: %s", self.uri, error
                )
            except Exception:  # noqa: BLE001  (a model's own code may raise anything)
                _log.exception("%s could not be loaded; what is served stays.", self.uri)
