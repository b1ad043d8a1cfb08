"""`explain`: one conversation, row by row and span by span."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Annotated

import typer

from kpiaudit import diagnostics
from kpiaudit.cli.commands import preload
from kpiaudit.cli.files import tell_losses
from kpiaudit.cli.keys import refuse_rows, refuse_text
from kpiaudit.cli.options import Common, Exports, option, with_common
from kpiaudit.cli.outputs import one_of, show, write_out
from kpiaudit.errors import ExitCode

if TYPE_CHECKING:
    from kpiaudit.audit import Audit

FORMATS = ("text", "md", "json")
Conversation = Annotated[
    str, typer.Argument(metavar="CONVERSATION", help="Its id, or SYSTEM/ID.", show_default=False)
]


@with_common
def explain(
    exports: Exports,
    conversation: Conversation,
    common: Common,
    format: Annotated[str, option("--format", help="text, md or json on stdout.")] = "text",  # noqa: A002
    text: Annotated[bool, option("--text", help="Show what was written, too.")] = False,
) -> None:
    """Explain one conversation: every row, and every clock as spans that add up to its figure.

    Example: kpiaudit explain exports/ 10245
    """
    refuse_text(text=text, pseudonymize=common.pseudonymize)
    refuse_rows(common.min_group, what="this lists every row of a conversation")
    one_of(format, FORMATS, option="--format")
    audited = audit_one(exports, conversation, common, text=text)
    code = tell_losses(audited.reading, exports, so="there is nothing to explain")
    if audited.reading.ordered.is_empty():
        raise typer.Exit(ExitCode.NOTHING_TO_JUDGE)
    from kpiaudit.explanation.dossier import explained

    told = explained(audited)
    if format == "text":
        from kpiaudit.renderers.terminal.explanation import render_explanation

        show(
            lambda console: render_explanation(told, console, verbose=common.verbose),
            no_color=common.no_color,
        )
    else:
        from kpiaudit.renderers.explanation import json, markdown

        write_out(markdown(told) if format == "md" else json(told))
    raise typer.Exit(code)


def audit_one(exports: list[str], conversation: str, common: Common, *, text: bool) -> Audit:
    """Return the audit of one conversation; every export is read to find it."""
    from kpiaudit.cli.requests import request_for
    from kpiaudit.search import looking, search

    with diagnostics.progress(quiet=common.quiet) as step, looking(exports) as looks:
        request = request_for(exports, common, progress=step)
        found = search(request, looks)
        from kpiaudit.explanation.dossier import DIMENSIONS
        from kpiaudit.pipeline import audit  # polars: 150 ms

        preload("kpiaudit.renderers.terminal")
        wanted = DIMENSIONS | {"text"} if text else DIMENSIONS
        request = request.with_all_clocks(wanted)
        return audit(replace(request, conversation=conversation, text=text), found)
