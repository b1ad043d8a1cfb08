"""Pseudonyms: keyed digests that are the same in every run with the same key, and mean nothing without it.

Pseudonymised data stays personal data: whoever holds the key can check a name against a pseudonym.
"""

from __future__ import annotations

import hmac
import re
import unicodedata
from base64 import b32encode
from dataclasses import dataclass, field, replace
from hashlib import sha256
from pathlib import PurePosixPath
from typing import TYPE_CHECKING, Final, Literal

if TYPE_CHECKING:
    from collections.abc import Iterable

    from kpiaudit.settings import Settings, When

Kind = Literal["agent", "customer", "conversation", "message", "export"]

LENGTHS: Final[dict[Kind, int]] = {
    "agent": 10, "customer": 16, "conversation": 16, "message": 16, "export": 10,
}  # fmt: skip
"""Letters of five bits each: enough that two agents, or a million customers, do not share one."""
PSEUDONYM: Final = re.compile(r"(agent|customer|conversation|message|export)-[a-z2-7]{10,16}")
PLACEHOLDER: Final = re.compile(r"\(.*\)", re.DOTALL)
"""What stands for nobody: `(unassigned)`."""
IMPERSONAL: Final = (
    r"^(?:\d{1,8}|[A-Z]{1,10}-?\d{1,10}|[0-9a-fA-F]{16,}|[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12})"
    r"(?:#\d+)?$"
)
"""Ids made by a machine of a counter or at random, which name nobody."""
PERSONAL: Final = r"\s|^[^@\s\d]+@[^@\s]+$|\pL{3}.*#\d+$"
"""Ids that spell who it is: with a space, an address, or the name of a thread that never ends."""
WORD: Final = re.compile(r"[^\W\d_]{3,}")
SPELT: Final = 6
"""Letters from which on a name written in one word is looked for."""


@dataclass(frozen=True, slots=True)
class Pseudonyms:
    """The key of a run."""

    key: bytes = field(repr=False)
    is_lasting: bool = True
    """Whether the key outlives the run: without one, pseudonyms of two runs cannot be compared."""

    @property
    def key_id(self) -> str:
        """Return what names the key without telling it."""
        return hmac.new(self.key, b"key", sha256).hexdigest()[:8]

    def of(self, kind: Kind, name: str) -> str:
        """Return the pseudonym of a name; what is one already, or stands for nobody, stays."""
        if PSEUDONYM.fullmatch(name) or PLACEHOLDER.fullmatch(name):
            return name
        return f"{kind}-{digest(self.key, kind, name)}"


def digest(key: bytes, kind: Kind, name: str) -> str:
    """Return the keyed digest of a name in letters."""
    told = hmac.new(key, f"{kind}\0{name.strip()}".encode(errors="surrogatepass"), sha256).digest()
    return b32encode(told).decode().lower()[: LENGTHS[kind]]


def conversation_digest(name: str, key: bytes = b"") -> str:
    """Return what a conversation whose id names a person goes by; without a key it can be guessed at."""
    return f"conversation-{digest(key, 'conversation', name)}"


def export_name(name: str, persons: frozenset[str], pseudonyms: Pseudonyms) -> str:
    """Return the name of an export, as a pseudonym where a word of it is one of a person's, or where it
    has spaces: somebody typed it, as in `answer to Kim.eml`.
    """
    words = {word.lower() for word in WORD.findall(name)}
    if not words & persons and not re.search(r"\s", name):
        return name
    suffix = "".join(PurePosixPath(name).suffixes[-1:])
    kept = suffix if re.fullmatch(r"\.[a-z0-9]{1,8}", suffix) else ""
    return pseudonyms.of("export", name) + kept


def words_of(names: Iterable[str]) -> frozenset[str]:
    """Return the words of names, handles and addresses, in small letters, and each name as a folder or a
    handle spells it: in one word, without accents.
    """
    known = tuple(names)
    words = {word.lower() for name in known for word in WORD.findall(name)}
    plain = (unicodedata.normalize("NFKD", name).lower() for name in known)
    spelt = {"".join(letter for letter in name if letter.isalpha()) for name in plain}
    return frozenset(words | {word for word in spelt if len(word) >= SPELT})


def hidden(settings: Settings, pseudonyms: Pseudonyms) -> Settings:
    """Return the settings with every person under a pseudonym, so that they fit pseudonymised messages."""

    def agents(names: Iterable[str]) -> tuple[str, ...]:
        return tuple(pseudonyms.of("agent", name) for name in names)

    def matched(when: When) -> When:
        return {key: agents(words) if key == "agent" else words for key, words in when.items()}

    us = settings.us
    return replace(
        settings,
        slas=tuple(replace(sla, when=matched(sla.when)) for sla in settings.slas),
        exclusions=tuple(replace(item, when=matched(item.when)) for item in settings.exclusions),
        teams=tuple(replace(team, agents=agents(team.agents)) for team in settings.teams),
        us=replace(
            us, accounts=agents(us.accounts), agents=agents(us.agents), bots=agents(us.bots)
        ),
        raw={},
    )
