"""Secrets of users, encrypted before they are stored, with a key that is not in the database (promise K1)."""

import hashlib
import os
import secrets
from contextlib import suppress
from pathlib import Path
from typing import Any

from headrace import plugins
from headrace.errors import CorruptDataError, InvalidValueError, UnsupportedError

_NONCE_BYTES = 12  # what AES-GCM asks for (NIST SP 800-38D)
_KEY_FILE = ".headrace-key"


class Seal:
    """Encrypts with AES-256-GCM; what a text belongs to is bound to it."""

    def __init__(self, key: str | None = None, folder: Path | None = None) -> None:
        """``key`` is any long text; without one, a key lies in a file of ``folder``, made when first needed."""
        self._given, self._folder = key, folder

    def close(self, text: str, owner: str) -> bytes:
        """Encrypt a text of ``owner``; `UnsupportedError` where there is no key and no place for one."""
        nonce = secrets.token_bytes(_NONCE_BYTES)
        sealed: bytes = self._cipher().encrypt(nonce, text.encode(), owner.encode())
        return nonce + sealed

    def open(self, sealed: bytes, owner: str) -> str:
        """The text again; `CorruptDataError` if it was sealed with another key, or for another owner."""
        wrong = plugins.load("cryptography.exceptions:InvalidTag")
        nonce, rest = sealed[:_NONCE_BYTES], sealed[_NONCE_BYTES:]
        try:
            text: bytes = self._cipher().decrypt(nonce, rest, owner.encode())
        except wrong as error:
            raise CorruptDataError(
                "A stored secret cannot be read with the key that is set now (HEADRACE_SECRET_KEY). Set the "
                "key that it was stored with, or give the secret again."
            ) from error
        return text.decode()

    def _cipher(self) -> Any:
        try:
            kind = plugins.load("cryptography.hazmat.primitives.ciphers.aead:AESGCM")
        except ModuleNotFoundError as error:
            raise UnsupportedError(
                "Secrets are stored encrypted, which needs: pip install 'headrace[auth]'"
            ) from error
        return kind(hashlib.sha256(self._key().encode()).digest())

    def _key(self) -> str:
        if self._given is not None:
            if len(self._given) < 32:
                raise InvalidValueError("HEADRACE_SECRET_KEY must have at least 32 characters.")
            return self._given
        if self._folder is None:
            raise UnsupportedError(
                "Secrets are stored encrypted. Set HEADRACE_SECRET_KEY to a long random text, the same on all "
                "servers of this database: openssl rand -base64 32"
            )
        return _key_in(self._folder / _KEY_FILE)


def _key_in(path: Path) -> str:
    """The key in a file, which is made if it is not there; only this account may read it."""
    with suppress(FileExistsError):
        new = f"{path}.{os.getpid()}"
        with open(os.open(new, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:  # noqa: PTH123
            file.write(secrets.token_urlsafe(32))
        try:
            os.link(new, path)  # whole or not at all, and never over another
        finally:
            Path(new).unlink()
    return path.read_text()
