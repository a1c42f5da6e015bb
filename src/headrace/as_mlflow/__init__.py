"""Headrace under the name of mlflow, for libraries that import that.

After `install_as_mlflow()` an ``import mlflow`` anywhere in the process gives the modules here, whether or
not the real package is installed. `headrace.as_mlflow.modules` says which there are and what is in them.
"""

import sys
from collections.abc import Iterable, Iterator, Sequence
from importlib import import_module
from importlib.abc import Loader, MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.metadata import Distribution, DistributionFinder
from types import ModuleType
from typing import Any

from headrace.as_mlflow.modules import MODULES, NAME, VERSION
from headrace.errors import InvalidStateError


def install_as_mlflow() -> None:
    """Have ``import mlflow`` give Headrace from now on, in this process.

    Call it before the libraries are imported that import mlflow: `InvalidStateError` if that has happened.
    A second call does nothing.
    """
    there = sys.modules.get(NAME)
    if any(isinstance(finder, _Finder) for finder in sys.meta_path):
        return
    if there is not None:
        raise InvalidStateError(
            f"mlflow is imported already, from {getattr(there, '__file__', None)}. Call "
            "headrace.install_as_mlflow() before the first import of a library that uses it."
        )
    sys.meta_path.insert(0, _Finder())


class _Finder(MetaPathFinder):
    """Finds the modules of the table, and says that a distribution ``mlflow`` is installed."""

    def find_spec(
        self,
        fullname: str,
        path: Sequence[str] | None,  # noqa: ARG002
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        if fullname not in MODULES:
            return None  # and nobody else has it: our packages have no folders to look into
        return ModuleSpec(fullname, _Loader(), origin="headrace", is_package=True)

    def find_distributions(
        self, context: DistributionFinder.Context | None = None
    ) -> Iterable[Distribution]:
        # Only who asks by name is told: a list of what is installed stays true.
        return [_Mlflow()] if context is not None and context.name == NAME else []


class _Loader(Loader):
    def create_module(self, spec: ModuleSpec) -> ModuleType:
        return _Module(spec.name)

    def exec_module(self, module: ModuleType) -> None:
        """Nothing: its names are loaded when they are asked for."""


class _Module(ModuleType):
    """A module whose names are those of other modules, and of its row in the table."""

    def __getattr__(self, name: str) -> Any:
        row = MODULES[self.__name__]
        if name in row.values:
            return row.values[name]
        inner = f"{self.__name__}.{name}"
        if inner in MODULES:
            return import_module(inner)
        if not name.startswith("__"):
            for home in row.homes:
                found = import_module(home)
                if hasattr(found, name):
                    return getattr(found, name)
        raise AttributeError(
            f"Headrace, which stands in for mlflow here, has no '{inner}'. "
            "See docs/how/use-libraries-that-log-to-mlflow.md."
        )

    def __dir__(self) -> Iterator[str]:
        row = MODULES[self.__name__]
        public = (name for home in row.homes for name in dir(import_module(home)))
        yield from sorted({*row.values, *(name for name in public if not name.startswith("_"))})


class _Mlflow(Distribution):
    """The distribution, as far as libraries look at it: its name and its version."""

    def read_text(self, filename: str) -> str | None:
        if filename != "METADATA":
            return None
        return f"Metadata-Version: 2.1\nName: {NAME}\nVersion: {VERSION}\n"

    def locate_file(self, path: Any) -> Any:
        raise FileNotFoundError(path)
