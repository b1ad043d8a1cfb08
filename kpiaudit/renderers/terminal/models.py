"""Service models on screen: per team, then for all service, each claim with what the exports say to it."""

from __future__ import annotations

from itertools import groupby
from typing import TYPE_CHECKING, Final

from kpiaudit.renderers import text as spell
from kpiaudit.renderers.measures import amount
from kpiaudit.renderers.terminal.screen import STYLES

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rich.text import Text

    from kpiaudit.renderers.terminal.screen import Screen, State
    from kpiaudit.report import Claim, ModelResult

INDENT: Final = 2
ALL: Final = "All service"
STATES: Final[dict[bool | None, State]] = {True: "pass", False: "fail"}


def show_models(screen: Screen, models: Sequence[ModelResult]) -> None:
    """Print every model's claims: the sign says whether the declaration holds, no sign that none was made."""
    for team, found in groupby(models, key=lambda model: model.team):
        listed = list(found)
        if not team:
            screen.heading(ALL, "what every model claims")
        for model in listed:
            if team:
                screen.heading(team, _declared(model))
            else:
                screen.console.print()
                screen.show(screen.text(spell.words(model.model), "bold"), indent=INDENT)
            _show_claims(screen, [claim for claim in model.claims if claim.computable])
            _show_missing(screen, [claim for claim in model.claims if not claim.computable])


def _declared(model: ModelResult) -> str:
    denied = sum(claim.holds is False for claim in model.claims)
    told = [claim for claim in model.claims if claim.holds is not None]
    if not told:
        return f"{spell.words(model.model)}, as declared: nothing decides it"
    if denied:
        verb = "does" if denied == 1 else "do"
        of_all = spell.plural(len(told), "claim")
        return f"{spell.words(model.model)}, as declared: {denied} of {of_all} {verb} not hold"
    holding = "1 claim holds" if len(told) == 1 else f"{len(told)} claims hold"
    return f"{spell.words(model.model)}, as declared: {holding}"


def _show_claims(screen: Screen, claims: Sequence[Claim]) -> None:
    if not claims:
        return
    table = screen.table()
    table.show_header = False
    table.box = None
    table.add_column(width=1)
    table.add_column(no_wrap=True)
    table.add_column(justify="right", no_wrap=True)
    table.add_column(overflow="fold", ratio=1)
    for claim in claims:
        sign = screen.text("")
        if claim.holds is not None:
            sign = screen.sign(STATES[claim.holds])
        style = "" if claim.holds is not False else STYLES["fail"]
        name = screen.text(spell.words(claim.claim), "dim")
        table.add_row(sign, name, _value(screen, claim), screen.text(claim.sentence, style))
    screen.show(table, indent=INDENT)


def _show_missing(screen: Screen, claims: Sequence[Claim]) -> None:
    ordered = sorted(claims, key=lambda claim: claim.reason or "")
    for reason, alike in groupby(ordered, key=lambda claim: claim.reason or ""):
        names = ", ".join(spell.words(claim.claim) for claim in alike)
        blank = f"{screen.signs.states['no_data']} not computable: {names} ({reason})"
        screen.show(screen.text(blank, "dim"), indent=INDENT)


def _value(screen: Screen, claim: Claim) -> Text:
    if claim.value is None:
        return screen.text(screen.signs.dash, "dim")
    if claim.unit == "share":
        return screen.text(f"{claim.value * 100:.1f}%")
    if claim.unit == "points":
        return screen.text(amount(claim.value, claim.unit))
    if claim.unit == "seconds":
        return screen.text(spell.duration(claim.value))
    return screen.text(f"{claim.value:,.2f}")
