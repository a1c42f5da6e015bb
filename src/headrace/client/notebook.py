"""The notebook, or the interactive session, that a run was made in."""

import json
import sys
import tempfile
from importlib.util import find_spec
from pathlib import Path
from subprocess import DEVNULL, TimeoutExpired, run
from typing import Any

from headrace import config

_CONVERSION_S = 120
_LARGEST_BYTES = 32 * 1024 * 1024


def in_notebook() -> bool:
    """Whether a Jupyter kernel runs this process."""
    return shell() is not None and "ipykernel" in sys.modules


def shell() -> Any:
    """The shell of IPython, in a notebook or a terminal, if there is one."""
    return getattr(sys.modules.get("IPython"), "get_ipython", lambda: None)()


def path() -> str | None:
    """The notebook's file, where its editor says which one it is."""
    if not in_notebook():
        return None
    named = shell().user_ns.get("__vsc_ipynb_file__")  # Visual Studio Code leaves it there
    return str(named) if named else config.notebook()


def files() -> dict[str, bytes]:
    """What is kept of it: the file as it was saved last, and what was executed, in that order."""
    found = {"session.ipynb": executed(shell())}
    file = Path(path() or "")
    if file.suffix == ".ipynb" and file.is_file() and file.stat().st_size <= _LARGEST_BYTES:
        found[file.name] = file.read_bytes()
    return found


def executed(shell: Any) -> bytes:
    """The cells that were executed, with the values that they showed, as a notebook."""
    sources, values = shell.user_ns.get("In", []), shell.user_ns.get("Out", {})
    cells = [
        _cell(number, source, values)
        for number, source in enumerate(sources)
        if number and source.strip()
    ]
    metadata = {"language_info": {"name": "python", "version": sys.version.split()[0]}}
    whole = {"cells": cells, "metadata": metadata, "nbformat": 4, "nbformat_minor": 5}
    return json.dumps(whole, indent=1).encode()


def page(notebook: bytes) -> bytes | None:
    """A notebook as HTML, made by Jupyter's own converter; ``None`` where that is not installed."""
    if find_spec("nbconvert") is None:
        return None
    with tempfile.TemporaryDirectory(prefix="headrace-") as folder:
        Path(folder, "notebook.ipynb").write_bytes(notebook)
        # In a process of its own: it is large, it is slow, and it is not ours.
        command = [sys.executable, "-m", "nbconvert", "--to", "html", "notebook.ipynb"]
        try:
            run(  # noqa: S603
                command, cwd=folder, stdin=DEVNULL, stdout=DEVNULL, stderr=DEVNULL,
                timeout=_CONVERSION_S, check=False,
            )  # fmt: skip
            return Path(folder, "notebook.html").read_bytes()
        except (OSError, TimeoutExpired):
            return None


def _cell(number: int, source: str, values: dict[int, Any]) -> dict[str, Any]:
    shown = []
    if number in values:
        data = {"text/plain": repr(values[number])[:100_000]}
        shown = [
            {
                "output_type": "execute_result",
                "execution_count": number,
                "data": data,
                "metadata": {},
            }
        ]
    return {
        "cell_type": "code",
        "id": f"cell-{number}",
        "execution_count": number,
        "metadata": {},
        "source": source,
        "outputs": shown,
    }
