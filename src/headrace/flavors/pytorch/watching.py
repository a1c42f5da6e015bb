"""A training loop of one's own, recorded: losses, the optimizer and its schedule, gradients."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from headrace import plugins
from headrace.autologging import session as sessions
from headrace.autologging.session import Session
from headrace.errors import InvalidValueError
from headrace.flavors.pytorch.autologging import INTEGRATION


@contextmanager
def watch(
    model: Any, optimizer: Any, *, scheduler: Any = None, every: int = 10
) -> Iterator["Watch"]:
    """Record the training loop within it, in the current run or one of its own.

    ``every`` is after how many steps of the optimizer there is a point of each metric: the learning rate,
    the norms of the gradients and of the weights, and what the loop passes to the watch. In processes of a
    distributed training other than the first, nothing is recorded.

        with headrace.pytorch.watch(model, optimizer) as watch:
            for x, y in loader:
                loss = train(x, y)
                watch(loss=loss)
    """
    if every < 1:
        raise InvalidValueError(f"every is a number of steps from 1, not {every}.")
    session = sessions.begin(INTEGRATION, INTEGRATION.defaults)
    if session is None:
        yield Watch(None, model, optimizer, every)
        return
    with sessions.within(session):
        with session.quietly("what is known before the training"):
            session.params(_about(model, optimizer, scheduler))
        watched = Watch(session, model, optimizer, every)
        hook = optimizer.register_step_post_hook(watched.stepped)
        try:
            yield watched
        finally:
            hook.remove()
            watched.flush()


class Watch:
    """Called with the losses of a step; each point is the mean since the one before.

    The sums stay on the device, which is asked for a number once a point: a step is never waited for.
    """

    def __init__(self, session: Session | None, model: Any, optimizer: Any, every: int) -> None:
        self._session, self._model, self._optimizer, self._every = session, model, optimizer, every
        self._sums: dict[str, tuple[Any, int]] = {}
        self.steps = 0
        """The steps of the optimizer so far."""

    def __call__(self, **values: Any) -> None:
        """Numbers or tensors of one element, such as ``loss=loss``."""
        if self._session is None:
            return
        with self._session.quietly("what the loop passes"):
            for name, value in values.items():
                plain = value.detach() if hasattr(value, "detach") else value
                total, count = self._sums.get(name, (0, 0))
                self._sums[name] = total + plain, count + 1
        if self.steps % self._every == 0:
            self.flush()

    def stepped(self, *_: Any) -> None:
        """The optimizer has taken a step: its hook."""
        self.steps += 1
        if self._session is not None and self.steps % self._every == 0:
            with self._session.quietly("gradients and the schedule"):
                self._session.metrics({**self._rates(), **self._norms()}, self.steps)

    def flush(self) -> None:
        """Record what was passed since the last point."""
        if self._session is None:
            return
        sums, self._sums = self._sums, {}
        with self._session.quietly("what the loop passes"):
            self._session.metrics(
                {name: total / count for name, (total, count) in sums.items()}, self.steps
            )

    def _rates(self) -> dict[str, Any]:
        rates = [group.get("lr") for group in self._optimizer.param_groups]
        return {("lr" if i == 0 else f"lr_{i}"): rate for i, rate in enumerate(rates)}

    def _norms(self) -> dict[str, Any]:
        torch = plugins.load("torch")
        weights = [one.detach() for one in self._model.parameters()]
        gradients = [one.grad for one in self._model.parameters() if one.grad is not None]
        norm = torch.nn.utils.get_total_norm
        return {
            name: norm(tensors)
            for name, tensors in (("gradient_norm", gradients), ("weight_norm", weights))
            if tensors
        }


def _about(model: Any, optimizer: Any, scheduler: Any) -> dict[str, Any]:
    count = sum(one.numel() for one in model.parameters())
    found = {
        "model_class": type(model).__name__,
        "parameters": count,
        "optimizer_name": type(optimizer).__name__,
        **optimizer.defaults,
    }
    return {**found, "lr_scheduler_name": type(scheduler).__name__} if scheduler else found
