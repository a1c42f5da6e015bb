"""What a model needs to be installed, found from what it refers to.

A model is not run to find out. What unpickling it imports stands in its pickle, what its code imports
stands in its code, and what a library needs is that library's own affair.
"""

import ast
import importlib.util
import logging
import re
import sys
from collections.abc import Iterable, Iterator, Sequence
from functools import cache
from importlib import metadata
from pathlib import Path

import headrace
from headrace.errors import InvalidValueError

_log = logging.getLogger(__name__)

OURS = "headrace"
_KNOWN = {
    "sklearn": "scikit-learn", "PIL": "pillow", "yaml": "pyyaml", "cv2": "opencv-python",
    "skimage": "scikit-image", "dateutil": "python-dateutil", "bs4": "beautifulsoup4",
    "google": "protobuf", "attr": "attrs", "dotenv": "python-dotenv", "mpl_toolkits": "matplotlib",
}  # fmt: skip
"""Distributions that are not called as what one imports, where looking through all of them takes long."""
_LOCAL_VERSION = re.compile(r"\+.*")
_NAME = re.compile(r"\s*([A-Za-z0-9][A-Za-z0-9._-]*)")


def of_modules(modules: Iterable[str], travelling: Iterable[str] = ()) -> list[str]:
    """The distributions that have these modules, pinned to what is installed; ours first.

    Modules of the standard library, of this program and of code that is ``travelling`` with the model need
    none. What is of no distribution is named in a warning: it will be missing elsewhere.
    """
    tops = {module.partition(".")[0] for module in modules} - sys.stdlib_module_names
    found = {top: _distributions(top) for top in tops - set(travelling)}
    names = {name for some in found.values() for name in some} - {OURS}
    homeless = [top for top, some in found.items() if not some and _is_of_a_file(top)]
    if homeless:
        _log.warning(
            "The model uses %s, which no installed package has: give code_paths to take it along.",
            ", ".join(sorted(homeless)),
        )
    return [f"{OURS}=={headrace.__version__}", *(pinned(name) for name in sorted(names))]


def pinned(name: str) -> str:
    """A distribution with its installed version, or as given where it has one or none is installed."""
    if _NAME.fullmatch(name) is None:
        return name
    try:
        return f"{name}=={_LOCAL_VERSION.sub('', metadata.version(name))}"
    except metadata.PackageNotFoundError:
        _log.warning("'%s' is required without a version: it is not installed here.", name)
        return name


def of_source(text: str, name: str) -> set[str]:
    """The modules that a program imports, wherever in it."""
    try:
        tree = ast.parse(text, name)
    except SyntaxError as error:
        raise InvalidValueError(f"{name} is no Python: {error}.") from error
    return set(_imports(tree))


def of_code(paths: Sequence[Path]) -> set[str]:
    """The modules that Python files and folders import, without those they are themselves."""
    files = [file for path in paths for file in _python_files(path)]
    found: set[str] = set()
    for file in files:
        found |= of_source(file.read_text(encoding="utf-8"), str(file))
    return found - {path.stem for path in paths} - {file.stem for file in files}


def own_code(modules: Iterable[str]) -> list[Path]:
    """The files and packages of no distribution that these modules are in, and those that they import."""
    waiting = {module.partition(".")[0] for module in modules}
    seen: set[str] = set()
    found: dict[str, Path] = {}
    while waiting - seen:
        seen |= (new := waiting - seen)
        for top in new - sys.stdlib_module_names:
            place = None if _distributions(top) else _file_of(top)
            if place is not None:
                found[top] = place
                waiting |= {module.partition(".")[0] for module in of_code([place])}
    return [found[top] for top in sorted(found)]


def merged(found: Sequence[str], extra: Sequence[str]) -> list[str]:
    """``found`` with ``extra``, which wins where both name a distribution."""
    said = {name_of(line) for line in extra}
    return [line for line in found if name_of(line) not in said] + list(extra)


def name_of(line: str) -> str:
    """The distribution that a requirement names, normalised; the line itself for a path or a URL."""
    match = _NAME.match(line)
    return re.sub(r"[-_.]+", "-", match.group(1)).lower() if match else line


def _distributions(top: str) -> Iterable[str]:
    if top in _KNOWN:
        return [_KNOWN[top]]
    if top not in sys.modules and _is_ours(top):
        return ()
    try:
        return [metadata.metadata(top)["Name"]]
    except metadata.PackageNotFoundError:
        return _installed().get(top, ())


def _is_of_a_file(top: str) -> bool:
    """Whether it is a module that would have to be taken along: no part of the program, nor by value."""
    module = sys.modules.get(top)
    by_value: set[str] = getattr(
        sys.modules.get("cloudpickle"), "list_registry_pickle_by_value", set
    )()
    return top not in ("__main__", *by_value) and getattr(module, "__file__", None) is not None


def _file_of(top: str) -> Path | None:
    """Where a module's source is, unless it is part of the program and travels by value."""
    if top in sys.modules and not _is_of_a_file(top):
        return None
    try:
        spec = importlib.util.find_spec(top)
    except ValueError:  # made by the program, and without a place of its own
        return None
    if spec is None or spec.origin is None or not spec.origin.endswith(".py"):
        return None
    origin = Path(spec.origin)
    return origin.parent if origin.name == "__init__.py" else origin


def _is_ours(top: str) -> bool:
    return top.startswith("_") or top == "__main__"


@cache
def _installed() -> dict[str, list[str]]:
    return {top: sorted(set(names)) for top, names in metadata.packages_distributions().items()}


def _imports(tree: ast.AST) -> Iterator[str]:
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            yield node.module


def _python_files(path: Path) -> Iterator[Path]:
    if path.is_dir():
        yield from sorted(path.rglob("*.py"))
    elif path.suffix == ".py":
        yield path
