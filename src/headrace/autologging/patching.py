"""Functions of a library replaced by ones that record what they do.

The replacement is a plain function with the name and the module of the original: it is pickled by name, as the
original is, and `inspect.signature` tells the original's arguments.
"""

import functools
import threading
from collections.abc import Callable, Mapping
from typing import Any

from headrace.autologging import session as sessions
from headrace.autologging.guard import quietly
from headrace.autologging.integration import Integration, Patch
from headrace.autologging.session import Call, Session

Options = Callable[[], Mapping[str, Any] | None]
"""The options in force; ``None`` while autologging is off."""

_MARK = "__headrace_original__"
_lock = threading.Lock()


def apply(integration: Integration, patch: Patch, options: Options) -> None:
    """Replace the function, unless it is replaced already."""
    with _lock:
        original = vars(patch.owner)[patch.name]
        if hasattr(original, _MARK):
            return
        setattr(patch.owner, patch.name, _recording(integration, patch, options, original))


def _recording(
    integration: Integration, patch: Patch, options: Options, original: Callable[..., Any]
) -> Callable[..., Any]:
    is_method = isinstance(patch.owner, type)

    @functools.wraps(original)
    def recorded(*args: Any, **kwargs: Any) -> Any:
        chosen = options()
        if chosen is None:
            return original(*args, **kwargs)
        own = args[0] if is_method else None
        call = Call(original, own, args[1:] if is_method else args, kwargs)
        outer = sessions.around()
        if outer is not None:
            return _inside(outer, integration, patch, call)
        session = _begun(integration, chosen)
        return call() if session is None else _train(session, patch, call)

    setattr(recorded, _MARK, original)
    return recorded


def _inside(outer: Session, integration: Integration, patch: Patch, call: Call) -> Any:
    if patch.inside is not None and outer.integration.name == integration.name:
        with outer.quietly("the progress of the training"):
            call = patch.inside(outer, call) or call
    return call()


def _begun(integration: Integration, options: Mapping[str, Any]) -> Session | None:
    with quietly(integration.name, "a training", silent=bool(options.get("silent"))):
        return sessions.begin(integration, options)
    return None


def _train(session: Session, patch: Patch, call: Call) -> Any:
    with sessions.within(session):
        if patch.before is not None:
            with session.quietly("what is known before the training"):
                call = patch.before(session, call) or call
        result = call()
        if patch.after is not None:
            with session.quietly("what came of the training"):
                patch.after(session, call, result)
        return result
