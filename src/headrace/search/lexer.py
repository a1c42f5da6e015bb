"""Filter and order text, cut into tokens."""

import re
from typing import Literal, NamedTuple

from headrace.errors import InvalidValueError

MAX_LENGTH = 100_000
_SHOWN = 60  # characters of a long text that an error shows on each side of the fault

TokenKind = Literal["word", "field", "text", "name", "number", "sign", "end"]


class Token(NamedTuple):
    """A piece of the text from ``start`` to ``end``.

    ``value`` is a word or sign as it stands; for ``text`` and ``name`` (in backticks) what the quotes
    hold; for ``field`` the key, with the prefix beside it. ``end`` is the token after the last.
    """

    kind: TokenKind
    value: str
    start: int
    end: int
    prefix: str = ""


# No alternative can be matched in two ways, so no text makes the expressions backtrack.
_UNSTORABLE = re.compile(r"[\0\ud800-\udfff]")
_SPACE = re.compile(r"\s*+")
_NUMBER = re.compile(
    r"[+-]?+(?:inf(?:inity)?+(?!\w)|(?:\d++(?:\.\d*+)?+|\.\d++)(?:e[+-]?+\d++)?+)", re.IGNORECASE
)
_WORD = re.compile(r"[^\W\d]\w*+")
_KEY = re.compile(r"[\w.]++(?:[/:-]++[\w.]++)*+")
_SIGN = re.compile(r"<=|>=|!=|[=<>(),]")
_WRONG_SIGN = re.compile(r"==|<>|&&|\|\||!")
_MEANT = {"==": "=", "<>": "!=", "&&": "AND", "||": "OR", "!": "NOT or !="}


def tokens_of(text: str, subject: str) -> list[Token]:
    """All tokens, the last of kind ``end``; ``subject`` is what errors call the text."""
    if len(text) > MAX_LENGTH:
        raise InvalidValueError(
            f"The {subject} has {len(text):,} characters; at most {MAX_LENGTH:,} are taken."
        )
    if unstorable := _UNSTORABLE.search(text):
        number = ord(unstorable[0])
        raise fault(
            text, unstorable.start(), subject, f"no text holds the character U+{number:04X}."
        )
    found: list[Token] = []
    at = _skip_space(text, 0)
    while at < len(text):
        token = _token_at(text, at, subject)
        found.append(token)
        at = _skip_space(text, token.end)
    return [*found, Token("end", "", len(text), len(text))]


def fault(text: str, at: int, subject: str, message: str) -> InvalidValueError:
    """The error that shows where in the text it goes wrong."""
    first, last = max(0, at - _SHOWN), min(len(text), at + _SHOWN)
    before, after = "..." if first else "", "..." if last < len(text) else ""
    line = "".join(c if c.isprintable() else " " for c in text[first:last])
    caret = " " * (len(before) + at - first) + "^"
    return InvalidValueError(
        f"Invalid {subject}, position {at + 1}: {message}\n  {before}{line}{after}\n  {caret}"
    )


def cut(text: str) -> str:
    """The text, its end left out where it is too long for a message."""
    return text if len(text) <= _SHOWN else text[:_SHOWN] + "..."


def _skip_space(text: str, at: int) -> int:
    matched = _SPACE.match(text, at)
    return matched.end() if matched else at


def _token_at(text: str, at: int, subject: str) -> Token:
    if text[at] in "'\"`":
        return _quoted(text, at, subject)
    if wrong := _WRONG_SIGN.match(text, at):
        if text.startswith("!=", at):
            return Token("sign", "!=", at, at + 2)
        raise fault(text, at, subject, f"'{wrong[0]}' is not known here; write {_MEANT[wrong[0]]}.")
    if sign := _SIGN.match(text, at):
        return Token("sign", sign[0], at, sign.end())
    if number := _NUMBER.match(text, at):
        return _whole_number(text, number, subject)
    if word := _WORD.match(text, at):
        return _word(text, word, subject)
    raise fault(text, at, subject, f"'{text[at]}' has no meaning here.")


def _quoted(text: str, at: int, subject: str) -> Token:
    """A quote inside is written twice, as in SQL."""
    quote, end = text[at], at + 1
    while True:
        end = text.find(quote, end)
        if end < 0:
            raise fault(text, at, subject, f"the quote {quote} is not closed.")
        if not text.startswith(quote * 2, end):
            break
        end += 2
    value = text[at + 1 : end].replace(quote * 2, quote)
    return Token("name" if quote == "`" else "text", value, at, end + 1)


def _whole_number(text: str, number: re.Match[str], subject: str) -> Token:
    if rest := _KEY.match(text, number.end()):
        run_on = text[number.start() : rest.end()]
        raise fault(
            text, number.start(), subject, f"'{cut(run_on)}' is no number; text stands in quotes."
        )
    return Token("number", number[0], number.start(), number.end())


def _word(text: str, word: re.Match[str], subject: str) -> Token:
    at = word.end()
    if not text.startswith(".", at):
        return Token("word", word[0], word.start(), at)
    at += 1
    if at < len(text) and text[at] in "'\"`":
        key = _quoted(text, at, subject)
        return Token("field", key.value, word.start(), key.end, word[0])
    if bare := _KEY.match(text, at):
        return Token("field", bare[0], word.start(), bare.end(), word[0])
    raise fault(text, at, subject, f"expected a key after '{cut(word[0])}.', bare or in backticks.")


class Cursor:
    """A place in the tokens of a text; errors point at it."""

    def __init__(self, text: str, subject: str) -> None:
        self._text, self._subject = text, subject
        self.tokens = tokens_of(text, subject)
        self.at = 0

    @property
    def next(self) -> Token:
        """The token that has not been taken yet."""
        return self.tokens[self.at]

    def advance(self) -> Token:
        """Take the next token; the end stays where it is."""
        token = self.tokens[self.at]
        self.at += token.kind != "end"
        return token

    def is_word(self, word: str) -> bool:
        """Whether the keyword (in capitals) comes next."""
        return self.next.kind == "word" and self.next.value.upper() == word

    def is_sign(self, sign: str) -> bool:
        """Whether the sign comes next."""
        return self.next.kind == "sign" and self.next.value == sign

    def took(self, word: str) -> bool:
        """Take the keyword if it comes next."""
        found = self.is_word(word)
        self.at += found
        return found

    def took_sign(self, sign: str) -> bool:
        """Take the sign if it comes next."""
        found = self.is_sign(sign)
        self.at += found
        return found

    def take_sign(self, sign: str, expected: str) -> None:
        """Take the sign, which must come next."""
        if not self.took_sign(sign):
            raise self.expected(expected)

    def expected(self, wanted: str, more: str = "") -> InvalidValueError:
        """The error that something else than the next token would fit here."""
        token = self.next
        found = self._text[token.start : token.end]
        what = f"the {self._subject} ends here" if token.kind == "end" else f"found {cut(found)}"
        return self.error(f"expected {wanted}; {what}{more}.")

    def error(self, message: str) -> InvalidValueError:
        """The error that points at the next token."""
        return self.error_at(self.next.start, message)

    def error_at(self, at: int, message: str) -> InvalidValueError:
        """The error that points at the character ``at``."""
        return fault(self._text, at, self._subject, message)
