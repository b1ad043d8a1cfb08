"""`config check`, `show` and `schema`: the policy judged, as it is in force, and what it may hold."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from kpiaudit.cli.options import Common, option
from kpiaudit.cli.outputs import write_out

app = typer.Typer(help="Check and show the policy.", no_args_is_help=True, rich_markup_mode=None)
Folder = Annotated[
    list[str] | None,
    typer.Argument(metavar="[EXPORTS...]", help="Folders a policy may lie in.", show_default=False),
]
Config = Annotated[Path | None, option("-c", "--config", metavar="FILE", help="The policy to use.")]


@app.command("check")
def check(exports: Folder = None, config: Config = None) -> None:
    """Check the policy and print every mistake at once; ends with 2 when there is one.

    Example: kpiaudit config check -c kpiaudit.toml
    """
    from kpiaudit.cli.requests import settings_for

    settings = settings_for(list(exports or ()), Common(config=config, quiet=True))
    name = settings.path or "no policy found: the default promise"
    count = len(settings.slas)
    write_out(f"{name}: valid, {count} {'SLA' if count == 1 else 'SLAs'}\n")
    if settings.calendars:
        from kpiaudit import diagnostics
        from kpiaudit.findings import calendar_warnings  # polars: 200 ms

        for warning in calendar_warnings(settings):
            diagnostics.tell("warning", warning)


@app.command("show")
def show_policy(exports: Folder = None, config: Config = None) -> None:
    """Print the policy in force, defaults included, as TOML that reads back the same.

    Example: kpiaudit config show exports/
    """
    from kpiaudit.cli.requests import settings_for
    from kpiaudit.policy.effective import effective, to_toml

    settings = settings_for(list(exports or ()), Common(config=config, quiet=True))
    write_out(f"# {settings.path or 'no policy found: the default promise'}\n")
    write_out(to_toml(effective(settings)))


@app.command("schema")
def schema() -> None:
    """Print the JSON Schema of a policy; an editor that knows it completes and checks kpiaudit.toml.

    Example: kpiaudit config schema > kpiaudit.schema.json
    """
    from kpiaudit.policy.published import schema_text

    write_out(schema_text())
