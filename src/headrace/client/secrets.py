"""Likely secrets, masked before anything leaves the process.

A value is masked where its name says that it is one (``db_password``), a text where it holds what is
spelled like one (a private key, the token formats of known services, a password in a URL).
"""

import re
from collections.abc import Iterable
from functools import lru_cache

MASK = "***"

_NAME = re.compile(
    r"(?:^|[^a-z])(?:pass(?:word|wd|phrase)?|pwd|secrets?|credentials?"
    r"|(?:api|access|secret|private|account|auth|encryption|signing|ssh|storage)[-_. ]?key(?:[-_. ]?id)?"
    r"|(?:api|access|auth|bearer|bot|client|github|gitlab|hf|hub|id|refresh|secret|session|user|wandb)"
    r"[-_. ]?(?:token|secret)|push[-_]to[-_]hub[-_]token|connection[-_]string)$",
    re.IGNORECASE,
)
"""Of a name's end. ``max_tokens``, ``pad_token`` or ``num_keys`` are none."""
_BARE = re.compile(r"token|auth|authorization", re.IGNORECASE)
_OPTION = re.compile(r"(?i)(pass|secret|token|credential|api[-_]?key|access[-_]?key)")
_HUMP = re.compile(r"(?<=[a-z0-9])(?=[A-Z])")

# Each with what it must contain: looking for that is a hundred times faster than the expression.
_SPELLED = [
    (needle, re.compile(pattern, re.DOTALL))
    for needle, pattern in (
        (
            "PRIVATE KEY",
            r"-----BEGIN [A-Z ]*PRIVATE KEY-----(?:.*?-----END [A-Z ]*PRIVATE KEY-----)?",
        ),
        ("AKIA", r"\bAKIA[A-Z0-9]{16}\b"),
        ("ASIA", r"\bASIA[A-Z0-9]{16}\b"),
        ("gh", r"\bgh[pousr]_[A-Za-z0-9]{30,}"),
        ("github_pat_", r"\bgithub_pat_[A-Za-z0-9_]{30,}"),
        ("glpat-", r"\bglpat-[\w-]{20,}"),
        ("hf_", r"\bhf_[A-Za-z0-9]{30,}"),
        ("sk-", r"\bsk-[A-Za-z0-9_-]{20,}"),
        ("xox", r"\bxox[abprs]-[A-Za-z0-9-]{10,}"),
        ("AIza", r"\bAIza[\w-]{35}"),
        ("pypi-", r"\bpypi-[\w-]{50,}"),
        ("npm_", r"\bnpm_[A-Za-z0-9]{36}"),
        ("eyJ", r"\beyJ[\w-]{8,}\.eyJ[\w-]{8,}\.[\w-]{8,}"),
        ("Bearer ", r"\bBearer [\w.~+/-]{16,}=*"),
        ("://", r"(?<=://)(?P<user>[^\s/:@\"']{0,200}):[^\s/@\"']{1,500}(?=@)"),
    )
]
_ASSIGNED = re.compile(
    r"""(?ix)
    (?P<name>(?:passw(?:or)?d|passphrase|secret|api[_-]?key|access[_-]?key|private[_-]?key
      |(?:api|access|auth|bearer|github|hf|hub|refresh)[_-]?token)["']?
    \s{0,8}[:=]\s{0,8})(?P<quote>["'])[^"'\s]{6,}(?P=quote)"""
)
_ASSIGNED_NEEDLES = ("passw", "passphrase", "secret", "key", "token")
_NO_VALUE = {"", "none", "null", "true", "false", MASK}


@lru_cache(maxsize=10_000)
def is_secret(name: str) -> bool:
    """Whether a value of this name is likely to be a secret."""
    spelled = _HUMP.sub("_", name)
    return bool(_NAME.search(spelled) or _BARE.fullmatch(name.rpartition("/")[2]))


def masked(name: str, value: str) -> str:
    """The value of a param or a tag as it may be stored."""
    if is_secret(name) and value.lower() not in _NO_VALUE and not _is_number(value):
        return MASK
    return masked_text(value)


def masked_text(text: str) -> str:
    """``text`` without the parts that are spelled like secrets."""
    for needle, pattern in _SPELLED:
        if needle in text:
            text = pattern.sub(_hidden, text)
    return text


def masked_code(text: str) -> str:
    """Program text without its likely secrets: quoted values given to names that say so, too."""
    text = masked_text(text)
    lower = text.lower()
    if not any(needle in lower for needle in _ASSIGNED_NEEDLES):
        return text
    return "".join(map(_masked_line, text.splitlines(keepends=True)))


def masked_bytes(code: bytes) -> bytes:
    """The same for a file of any encoding."""
    return masked_code(code.decode("utf-8", "surrogateescape")).encode("utf-8", "surrogateescape")


def _masked_line(line: str) -> str:
    lower = line.lower()
    if any(needle in lower for needle in _ASSIGNED_NEEDLES):
        return _ASSIGNED.sub(rf"\g<name>\g<quote>{MASK}\g<quote>", line)
    return line


def _hidden(found: re.Match[str]) -> str:
    user = found.groupdict().get("user")
    return MASK if user is None else f"{user}:{MASK}"


def masked_arguments(arguments: Iterable[str]) -> list[str]:
    """A command's arguments without the values of options that look like secrets."""
    shown: list[str] = []
    hide_next = False
    for argument in arguments:
        name, equals, _ = argument.partition("=")
        secret = bool(_OPTION.search(name)) and (name.startswith("-") or bool(equals))
        if hide_next and not argument.startswith("-"):
            shown.append(MASK)
        else:
            shown.append(f"{name}={MASK}" if secret and equals else masked_text(argument))
        hide_next = secret and not equals
    return shown


def _is_number(value: str) -> bool:
    try:
        float(value)
    except ValueError:
        return False
    return True
