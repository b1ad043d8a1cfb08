"""The report as one HTML file for the board: no script, nothing from outside, light, dark and on paper.

Pure function of one `Report`; every text in it is untrusted and becomes text. A section whose values are
not there is left out, and its entry in the contents with it.
"""

from __future__ import annotations

from base64 import b64encode
from hashlib import sha256
from typing import TYPE_CHECKING

from kpiaudit.charts.markup import Markup, tag
from kpiaudit.renderers import text as spell
from kpiaudit.renderers.html import cases, performance, proof, service
from kpiaudit.renderers.html.cover import cover, span_of_days
from kpiaudit.renderers.html.style import sheet

if TYPE_CHECKING:
    from collections.abc import Sequence

    from kpiaudit.renderers.html.elements import Part
    from kpiaudit.report import Report


def render(report: Report) -> str:
    """Return the whole page."""
    every = [
        performance.slas(report),
        performance.trends(report),
        performance.distributions(report),
        performance.hours(report),
        *performance.groups(report),
        service.models(report),
        cases.breaches(report),
        cases.quotes(report),
        service.kpis(report),
        proof.quality(report),
        proof.definitions(report),
        proof.evidence(report),
    ]
    parts = [part for part in every if part.body]
    body = tag(
        "body",
        tag("a", "Skip to the report", href="#report", class_="skip"),
        tag(
            "div",
            cover(report),
            contents(parts),
            tag("main", *(part.body for part in parts), id="report"),
            footer(report),
            class_="wrap",
        ),
    )
    return f"<!DOCTYPE html>{tag('html', head(report), body, lang='en')}\n"


def head(report: Report) -> Markup:
    """Return the head: what the page may do is to be styled by the one sheet it holds."""
    style = sheet()
    digest = b64encode(sha256(style.encode()).digest()).decode()
    allowed = (
        f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"
    )
    title = f"{spell.headline(report)} · {span_of_days(report)}"
    return tag(
        "head",
        tag("meta", charset="utf-8"),
        tag("meta", http_equiv="Content-Security-Policy", content=allowed),
        tag("meta", name_="viewport", content="width=device-width, initial-scale=1"),
        tag("meta", name_="referrer", content="no-referrer"),
        tag("meta", name_="generator", content=f"kpiaudit {report.kpiaudit_version}"),
        tag("title", title),
        tag("style", Markup(style)),
    )


def contents(parts: Sequence[Part]) -> Markup:
    """Return links to the sections there are."""
    links = [tag("li", tag("a", part.title, href=f"#{part.anchor}")) for part in parts]
    return tag("nav", tag("ol", *links), aria_label="Contents")


def footer(report: Report) -> Markup:
    """Return who made the page, and that a machine can read the same."""
    return tag(
        "footer",
        tag(
            "p",
            f"Made by kpiaudit {report.kpiaudit_version} from {spell.plural(len(report.exports), 'export')}. "
            "Shares never round up to a goal, durations round up. The same figures for machines: "
            "-o report.json, -o report.csv.",
        ),
    )
