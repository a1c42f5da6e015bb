"""What a model consists of, file by file: ``SHA256SUMS`` in its folder, as `sha256sum -c` reads it.

Its first line is a comment with a seal, a code that only this user of this machine can make: a model with
a good seal was saved here (docs/decisions/0020-which-models-may-run-code.md).
"""

import hashlib
import hmac
import logging
import os
import re
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from headrace.config import state_folder
from headrace.errors import CorruptDataError, InvalidValueError

_log = logging.getLogger(__name__)

NAME = "SHA256SUMS"
_SEAL = "# headrace seal: "
_LINE = re.compile(r"([0-9a-f]{64})  (.+)")
_KEY_FILE = "model-seal.key"
_KEY_BYTES = 32
_MAX_BYTES = 64 << 20
_DESCRIBING = frozenset(
    {
        "MLmodel", "conda.yaml", "python_env.yaml", "requirements.txt", "constraints.txt",
        "input_example.json", "serving_input_example.json", "README.md",
    }
)  # fmt: skip
"""Files that describe a model, and that other tools rewrite in place."""
_ADDED_LATER = frozenset({"registered_model_meta", "original_requirements.txt"})
_NOT_OURS = frozenset({"__pycache__"})


@dataclass(frozen=True)
class Verdict:
    """How a folder stands to its manifest."""

    present: bool
    """Whether it has one."""
    sealed_here: bool = False
    """Whether this user of this machine wrote it."""
    changed: tuple[str, ...] = ()
    """Files that are not what was saved, or are gone."""
    added: tuple[str, ...] = ()
    """Files that were not saved with the model."""

    @property
    def intact(self) -> bool:
        """Whether all files are those that were saved, and no others."""
        return self.present and not self.changed and not self.added

    @property
    def damaged(self) -> tuple[str, ...]:
        """Changed files that no tool rewrites in place."""
        return tuple(name for name in self.changed if name not in _DESCRIBING)


def write(folder: Path) -> None:
    """Write down all files of a model; a manifest that is there is replaced."""
    lines = [f"{_digest(folder / name)}  {name}\n" for name in sorted(files(folder))]
    text = "".join(lines)
    key = _key(create=True)
    seal = "" if key is None else f"{_SEAL}{_code(key, text)}\n"
    (folder / NAME).write_text(seal + text, encoding="utf-8")


def check(folder: Path) -> Verdict:
    """Read every file and compare; `InvalidValueError` for a manifest that is none."""
    path = folder / NAME
    if not path.is_file() or path.is_symlink():
        return Verdict(present=False)
    if path.stat().st_size > _MAX_BYTES:
        raise InvalidValueError(f"{path} is too large to be a list of files.")
    text = path.read_text(encoding="utf-8")
    seal, body = _split(text)
    wanted = _wanted(body, path)
    there = set(files(folder))
    changed = [
        name for name in wanted if name not in there or _digest(folder / name) != wanted[name]
    ]
    key = _key(create=False)
    sealed = bool(seal and key is not None and hmac.compare_digest(seal, _code(key, body)))
    added = sorted(there - set(wanted) - _ADDED_LATER)
    return Verdict(present=True, sealed_here=sealed, changed=tuple(changed), added=tuple(added))


def require(verdict: Verdict, folder: Path) -> None:
    """Refuse a model of which a file is not what was saved; `CorruptDataError` names it."""
    if verdict.damaged:
        raise CorruptDataError(
            f"The model in {folder} is not what was saved: {', '.join(verdict.damaged)} differ from "
            f"{NAME}. Fetch it again; or, if you changed it yourself, `headrace models seal {folder}`."
        )


def files(folder: Path) -> Iterator[str]:
    """The files of a model by their paths in it, without the manifest and what Python makes beside code."""
    for top, folders, names in os.walk(folder):
        folders[:] = [name for name in folders if name not in _NOT_OURS]
        for name in names:
            path = (Path(top) / name).relative_to(folder).as_posix()
            if path != NAME and not name.startswith(".headrace-"):
                yield path


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _split(text: str) -> tuple[str | None, str]:
    if not text.startswith(_SEAL):
        return None, text
    first, _, rest = text.partition("\n")
    return first.removeprefix(_SEAL).strip(), rest


def _wanted(body: str, path: Path) -> Mapping[str, str]:
    found: dict[str, str] = {}
    for line in body.splitlines():
        if line.startswith("#"):
            continue
        match = _LINE.fullmatch(line)
        if match is None:
            raise InvalidValueError(
                f"{path} has a line that names no digest and file: {line[:200]!r}."
            )
        digest, name = match.groups()
        parts = PurePosixPath(name)
        if parts.is_absolute() or ".." in parts.parts or "\\" in name:
            raise InvalidValueError(f"{path} names a file outside of the model: {name!r}.")
        found[name] = digest
    return found


def _code(key: bytes, body: str) -> str:
    return hmac.new(key, body.encode(), "sha256").hexdigest()


def _key(*, create: bool) -> bytes | None:
    """This user's key; nothing where it cannot be read, or made."""
    path = state_folder() / _KEY_FILE
    try:
        if create and not path.exists():
            _make_key(path)
        key = path.read_bytes()
    except OSError as error:
        if create:
            _log.warning("Models are saved without a seal: %s", error)
        return None
    return key if len(key) == _KEY_BYTES else None


def _make_key(path: Path) -> None:
    """Whole or not at all, and once, whoever else makes one at the same time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}-{os.getpid()}-{secrets.token_hex(4)}")
    descriptor = os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        os.write(descriptor, secrets.token_bytes(_KEY_BYTES))
    finally:
        os.close(descriptor)
    try:
        os.link(part, path)
    except FileExistsError:
        pass
    finally:
        part.unlink()
