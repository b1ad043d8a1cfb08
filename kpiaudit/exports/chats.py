"""What gives a chat away: the header of WhatsApp's lines, and the keys of JSON whose records begin late.

A phone's locale and system decide how it writes the header of a line; one export writes all alike.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

MARKS: Final = "[\u200e\u200f\u202a-\u202e\u2066-\u2069\ufeff]*"
"""Marks of writing direction, which are no spaces."""
EVERY_MARK: Final = "\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069\ufeff"
FORENOON: Final = (
    "a. m.", "a.m.", "am", "π.μ.", "πμ", "上午", "凌晨", "清晨", "早上", "早晨", "오전", "午前", "ص",
)  # fmt: skip
AFTERNOON: Final = (
    "p. m.", "p.m.", "pm", "μ.μ.", "μμ", "下午", "中午", "傍晚", "晚上", "오후", "午後", "م",
)  # fmt: skip


def spaced(word: str) -> str:
    r"""Return the pattern of a word whose spaces may be of any kind: `p. m.` has a U+00A0."""
    return r"\s?".join(re.escape(part) for part in word.split(" "))


HALF: Final = "(?i:" + "|".join(map(spaced, (*FORENOON, *AFTERNOON))) + ")"
DATE: Final = (
    rf"(?P<first>\d{{1,4}}){MARKS}(?P<mark>[./-])(?P<gap>\s?){MARKS}(?P<second>\d{{1,2}}){MARKS}(?P=mark)"
    rf"\s?{MARKS}(?P<third>\d{{4}}|\d{{1,2}})"
)
JOINT: Final = (
    rf"{MARKS}(?P<dot>\.?)(?P<comma>[,،]?)\s{MARKS}(?P<word>(?:klo|kl\.?|um|at|à|às|a las|alle)\s)?"
)
TIME: Final = (
    rf"(?P<before>{HALF}\s?)?\d{{1,2}}(?P<colon_mark>[:.])\d\d(?P<seconds>[:.]\d\d)?{MARKS}"
    rf"(?P<after>\s?{HALF})?{MARKS}"
)
ENDS: Final = {
    "bracket": rf"\]{MARKS}\s?",
    "dash": r"\s[-\u2013\u2014]\s",
    "colon": r":\s",
    "space": r"\s",
}
"""What parts a header from what follows; a space only where the date ends in a dot, as in `13. 6. 2018.`."""
LINE: Final = re.compile(
    (
        rf"{MARKS}(?P<open>\[)?{MARKS}{DATE}{JOINT}{TIME}"
        rf"(?:(?P<bracket>{ENDS['bracket']})|(?P<dash>{ENDS['dash']})|(?P<colon>{ENDS['colon']})"
        rf"|(?P<space>{ENDS['space']}))"
    ).replace(MARKS, MARKS + "+")
)
"""Of marks as many as there are at once: several places for them would share them out in every way."""
WHATSAPP: Final = "whatsapp line"
LIST_OF_MESSAGES: Final = re.compile(r'"messages"\s*:\s*\[')
IN_JSON: Final = {
    "telegram message": re.compile(
        r'"date_unixtime"\s*:\s*"|"text_entities"\s*:\s*\[|"from_id"\s*:\s*"(?:user|channel|chat)\d'
        r'|"type"\s*:\s*"(?:personal_chat|bot_chat|saved_messages|(?:private|public)_(?:group|supergroup|channel))"'
    ),
    "meta message": re.compile(
        r'"sender_name"\s*:\s*"(?:[^"\\]|\\.)*"\s*,\s*"timestamp_ms"\s*:|"senderName"\s*:[^{}]*"timestamp"\s*:\s*\d|"threadName"\s*:'
    ),
}
"""Keys that tell whose messages a list holds; its records, or other lists, may come before it."""


@dataclass(frozen=True, slots=True)
class Form:
    """How the lines of one chat begin: a pattern for regular expressions without look-around, one for text in
    which there are marks, and what they say of all of them. Their groups: first, second, third number of the
    date, half of the day before the time, hour, minute, second, half of the day after it, and the rest of the
    line.
    """

    unmarked: str
    marked: str
    mark: str
    year_first: bool
    short_year: bool
    has_seconds: bool
    has_half: bool
    is_ascii: bool
    """Its digits are; a line with others does not begin so."""

    def pattern(self, text: str) -> str:
        """Return the pattern for the lines of a text: without marks it is the faster one."""
        is_marked = not text.isascii() and any(mark in text for mark in EVERY_MARK)
        return self.marked if is_marked else self.unmarked


def form_of(text: str) -> Form | None:
    """Return how a chat's lines begin, None where the first line that is not empty begins with no header."""
    start = text.lstrip("\ufeff\r\n \t")
    found = LINE.match(start)
    if found is None or (found["open"] is None) != (found["bracket"] is None):
        return None
    if found["space"] and not found["dot"]:
        return None
    first, third = len(found["first"]), len(found["third"])
    if (first == 4) == (third == 4) and first > 2:
        return None
    return Form(
        pattern_of(found, ""),
        pattern_of(found, MARKS),
        mark=found["mark"],
        year_first=first == 4,
        short_year=4 not in {first, third},
        has_seconds=found["seconds"] is not None,
        has_half=bool(found["before"] or found["after"]),
        is_ascii=found[0].isascii(),
    )


def pattern_of(found: re.Match[str], marks: str) -> str:
    """Return the pattern of the lines that begin as the one found does, with the pattern of `marks` between
    its parts; the less it leaves open, the faster it is.
    """
    header = found[0]
    digit = r"[0-9]" if header.isascii() else r"\d"
    space = r"\s" if any(letter.isspace() and letter != " " for letter in header) else " "
    short, year = digit + "{1,2}", digit + "{4}"
    numbers = (
        year if len(found["first"]) == 4 else short,
        short,
        year if len(found["third"]) == 4 else short,
    )
    gap = space if found["gap"] else ""
    date = (marks + re.escape(found["mark"]) + gap + marks).join(f"({it})" for it in numbers)
    joint = marks + re.escape(found["dot"] + found["comma"]) + space + marks
    if found["word"]:
        joint += re.escape(found["word"].strip()) + space
    colon = re.escape(found["colon_mark"])
    second = f"{colon}({digit}{{2}})" if found["seconds"] else "()"
    before = f"({HALF}){space}?" if found["before"] else "()"
    after = f"{space}?({HALF})" if found["after"] else "()"
    time = f"{before}({short}){colon}({digit}{{2}}){second}{marks}{after}{marks}"
    ends = {
        "bracket": rf"\]{marks}{space}?",
        "dash": space + "[-\u2013\u2014]" + space,
        "colon": ":" + space,
        "space": space,
    }
    end = next(ends[name] for name in ENDS if found[name] is not None)
    opening = marks + r"\[" if found["open"] else ""
    return rf"^{opening}{marks}{date}{joint}{time}{end}(.*)$"


def marked(text: str) -> str | None:
    """Return what gives away JSON whose messages begin after much else, None for any other."""
    if LIST_OF_MESSAGES.search(text):
        return next((mark for mark, key in IN_JSON.items() if key.search(text)), None)
    return None
