"""Message text without what tells who wrote it, as far as that can be told: best effort, and said so.

Replaced are addresses of pages and of mail, handles, IBAN-like codes, telephone numbers, numbers of four
digits and more, and the names of people the exports know. What nobody knows stays: a name in the text
that no export names, a street, a place.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Iterable

LONGEST: Final = 4_000
"""Characters of a message that are looked at."""
SHOWN: Final = 280
CODES: Final = (
    ("[url]", re.compile(r"\b(?:[a-z][a-z0-9+.-]{1,15}://|www\.)\S+", re.IGNORECASE)),
    ("[e-mail]", re.compile(r"[^\s<>()\[\],;:\"]{1,64}@[^\s<>()\[\],;:\"@]{1,255}\.[^\W\d_]{2,}")),
    ("[handle]", re.compile(r"(?<!\w)@\w[\w.-]*")),
    ("[iban]", re.compile(r"\b[A-Z]{2}\d{2}(?:[ -]?[A-Z0-9]{4}){2,7}(?:[ -]?[A-Z0-9]{1,3})?\b", re.IGNORECASE)),
    ("[phone]", re.compile(r"(?:\+|\b00|\(0|\b0)\d?(?:[ ()/.-]{0,3}\d){5,16}\b")),
    ("[number]", re.compile(r"\d(?:[ .-]?\d){3,}")),
)  # fmt: skip
"""What is replaced, and by what; in this order, for a page's address holds numbers."""
TOKEN: Final = re.compile(r"\w[\w.-]*\w")
NUMBERED: Final = re.compile(r"[^\W\d_]\d{1,3}$")
"""How handles end that are written without an @: `moss19`."""
WORD: Final = re.compile(r"[^\W\d_]+")
UNSPACED: Final = re.compile(
    r"[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uac00-\ud7a3]"
)
"""Scripts that write no spaces between words."""


@dataclass(frozen=True, slots=True)
class People:
    """Names, in pieces as `pieces` gives them: of the people a message is between, and of all others."""

    near: frozenset[str]
    far: frozenset[str]
    whole: frozenset[str] = frozenset()
    """Those of either in scripts that write no spaces: replaced wherever they stand."""

    def know(self, word: str) -> bool:
        """Return whether a word is a piece of anybody's name."""
        return piece_of(word, self.near) or piece_of(word, self.far)


def pieces(names: Iterable[str]) -> frozenset[str]:
    """Return the words of names, handles and addresses (these before their @) that may stand in a text
    for the person: folded, of two letters at least; whole where a script has no spaces.
    """
    found: set[str] = set()
    for name in names:
        found |= {word for word in WORD.findall(name) if UNSPACED.search(word) and len(word) > 1}
        told = folded(name.partition("@")[0] or name)
        found |= {word for word in WORD.findall(told) if len(word) > 1}
    return frozenset(found)


def unspaced(names: frozenset[str]) -> frozenset[str]:
    """Return the pieces in scripts that write no spaces between words."""
    return frozenset(name for name in names if UNSPACED.search(name))


def folded(text: str) -> str:
    """Return text in small letters without accents, as two spellings of one name agree."""
    apart = unicodedata.normalize("NFKD", text)
    bare = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return unicodedata.normalize("NFC", bare).casefold()


def redacted(text: str, people: People) -> str:
    """Return the beginning of a message, on one line, with placeholders for what tells who it is.

    Names of the people it is between are replaced however they are written; those of others where they
    begin with a capital, or stand beside another such name: `will` is a word more often than a person.
    """
    shown = " ".join(text[: LONGEST + 1].split())
    if len(text) > LONGEST:
        shown = shown.rpartition(" ")[0]
    for placeholder, pattern in CODES:
        shown = pattern.sub(placeholder, shown)
        if placeholder == "[handle]":
            shown = TOKEN.sub(without_handle, shown)
    shown = without_names(shown, people)
    return shown if len(shown) <= SHOWN else shown[:SHOWN].rpartition(" ")[0] + " …"


def without_handle(token: re.Match[str]) -> str:
    """Return a token, or a placeholder where it looks like a handle: `moss_and_maps`, `bergab25`."""
    letters = sum(map(str.isalpha, token[0]))
    is_handle = letters > 2 and ("_" in token[0] or NUMBERED.search(token[0]))
    return "[handle]" if is_handle else token[0]


def without_names(text: str, people: People) -> str:
    """Return text with `[name]` for every name; several in a row are one."""
    for name in sorted(people.whole, key=len, reverse=True):
        text = text.replace(name, "[name]")
    words = [word for word in WORD.finditer(text) if not is_placeholder(text, word)]
    known = [people.know(word[0]) for word in words]
    spans: list[tuple[int, int]] = []
    for place, word in enumerate(words):
        beside = known[max(place - 1, 0) : place] + known[place + 1 : place + 2]
        is_told = word[0][0].isupper() or any(beside)
        if known[place] and (is_told or piece_of(word[0], people.near)):
            if spans and text[spans[-1][1] : word.start()].strip(" .'\u2019-") == "":
                spans[-1] = (spans[-1][0], word.end())
            else:
                spans.append(word.span())
    for start, end in reversed(spans):
        text = f"{text[:start]}[name]{text[end:]}"
    return text


def is_placeholder(text: str, word: re.Match[str]) -> bool:
    """Return whether a word is what stands for something replaced: `[url]`, `[e-mail]`."""
    opened = text.rfind("[", max(word.start() - 8, 0), word.start() + 1)
    closed = text.find("]", word.end(), word.end() + 8)
    inside = text[opened : closed + 1]
    return opened >= 0 and closed >= 0 and inside in {"[name]", *(told for told, _ in CODES)}


def piece_of(word: str, names: frozenset[str]) -> bool:
    """Return whether a word is a piece of a name, with a genitive's s or without."""
    told = folded(word)
    return told in names or (len(told) > 2 and told.removesuffix("s") in names)
