"""What an import did, and what it could not take."""

from msgspec import Struct, field

MOST_TOLD = 10_000
"""Of what is left out; the rest is counted."""


class Counts(Struct):
    """How much was new to the store."""

    experiments: int = 0
    runs: int = 0
    models: int = 0
    params: int = 0
    tags: int = 0
    points: int = 0
    datasets: int = 0
    files: int = 0
    bytes: int = 0


class Remark(Struct, frozen=True):
    """One thing, and what has to be said about it."""

    kind: str
    name: str
    why: str


class Report(Struct):
    """Filled while an import runs; ``left_out`` and ``changed`` hold at most `MOST_TOLD` remarks each."""

    source: str = ""
    kind: str = ""
    target: str = ""
    added: Counts = field(default_factory=Counts)
    runs_seen: int = 0
    runs_changed: int = 0
    """Runs that were there and got something new."""
    left_out: list[Remark] = field(default_factory=list)
    left_out_count: int = 0
    changed: list[Remark] = field(default_factory=list)
    """What was taken in another form: a name that no store keeps, an id that was taken."""
    changed_count: int = 0

    def leave(self, kind: str, name: str, why: str) -> None:
        """Something is not taken."""
        self.left_out_count += 1
        if len(self.left_out) < MOST_TOLD:
            self.left_out.append(Remark(kind, name, why))

    def change(self, kind: str, name: str, why: str) -> None:
        """Something is taken in another form."""
        self.changed_count += 1
        if len(self.changed) < MOST_TOLD:
            self.changed.append(Remark(kind, name, why))
