"""The options every command that reads exports takes, declared once."""

from __future__ import annotations

import inspect
from collections.abc import Callable
from dataclasses import dataclass, fields
from functools import wraps
from pathlib import Path
from typing import Annotated, Any, get_type_hints

import typer

Exports = Annotated[
    list[str],
    typer.Argument(
        metavar="EXPORTS...", help="Files, folders or quoted globs.", show_default=False
    ),
]
OptionalExports = Annotated[
    list[str] | None,
    typer.Argument(
        metavar="[EXPORTS...]", help="Files, folders or quoted globs.", show_default=False
    ),
]
Outputs = Annotated[
    list[str] | None,
    typer.Option("-o", "--output", metavar="FILE", help="Write a file; its suffix says the kind."),
]


def option(*names: str, help: str, metavar: str | None = None, env: str | None = None) -> Any:  # noqa: A002, ANN401
    """Return a Typer option without a shown default."""
    return typer.Option(*names, help=help, metavar=metavar, envvar=env, show_default=False)


@dataclass(frozen=True, slots=True)
class Common:
    """Options of every command that reads exports."""

    config: Annotated[
        Path | None,
        option("-c", "--config", metavar="FILE", env="KPIAUDIT_CONFIG", help="The policy to use."),
    ] = None
    no_config: Annotated[bool, option("--no-config", help="Ignore every policy.")] = False
    by: Annotated[
        list[str] | None,
        option(
            "--by", metavar="DIM,...", help="Group by these, crossed; repeat for another table."
        ),
    ] = None
    since: Annotated[
        str | None, option("--since", metavar="DATE", help="Only clocks started from here on.")
    ] = None
    until: Annotated[
        str | None, option("--until", metavar="DATE", help="Only clocks started up to here.")
    ] = None
    as_of: Annotated[
        str | None,
        option(
            "--as-of", metavar="INSTANT", env="KPIAUDIT_AS_OF", help="Judge as of then, or now."
        ),
    ] = None
    source: Annotated[
        list[str] | None,
        option("--source", metavar="NAME=GLOB", help="Read the files matching GLOB as NAME."),
    ] = None
    tz: Annotated[
        str | None,
        option("--tz", metavar="ZONE", env="KPIAUDIT_TZ", help="Zone of stamps without an offset."),
    ] = None
    strict: Annotated[bool, option("--strict", help="No row may be rejected.")] = False
    keep_going: Annotated[
        bool, option("--keep-going", help="Go on past files that cannot be read.")
    ] = False
    top: Annotated[
        int, typer.Option("--top", metavar="N", min=1, help="How many of the worst to list.")
    ] = 10
    pseudonymize: Annotated[
        bool,
        option("--pseudonymize", env="KPIAUDIT_PSEUDONYMIZE", help="Nobody goes by name."),
    ] = False
    min_group: Annotated[
        int,
        typer.Option(
            "--min-group",
            metavar="N",
            min=0,
            envvar="KPIAUDIT_MIN_GROUP",
            help="Show no group of fewer clocks.",
            show_default=False,
        ),
    ] = 0
    quiet: Annotated[bool, option("-q", "--quiet", help="No notes, warnings or progress.")] = False
    verbose: Annotated[bool, option("-v", "--verbose", help="Every file, row count and rule.")] = (
        False
    )
    no_color: Annotated[bool, option("--no-color", help="No colour.")] = False
    debug: Annotated[
        bool, option("--debug", env="KPIAUDIT_DEBUG", help="Show the traceback of a bug.")
    ] = False


def with_common(command: Callable[..., Any], **defaults: Any) -> Callable[..., Any]:  # noqa: ANN401
    """Let a command that has a parameter `common` take all options of `Common` in its place.

    `defaults` hold for this command in place of those of `Common`.
    """
    hints = get_type_hints(command, include_extras=True)
    shared = get_type_hints(Common, include_extras=True)
    parameters = [
        parameter.replace(annotation=hints[name])
        for name, parameter in inspect.signature(command).parameters.items()
        if name != "common"
    ]
    parameters += [
        inspect.Parameter(
            field.name,
            inspect.Parameter.KEYWORD_ONLY,
            default=defaults.get(field.name, field.default),
            annotation=shared[field.name],
        )
        for field in fields(Common)
    ]

    @wraps(command)
    def run(**values: Any) -> Any:  # noqa: ANN401
        common = Common(**{field.name: values.pop(field.name) for field in fields(Common)})
        return command(common=common, **values)

    del run.__wrapped__  # Typer would read the inner signature
    run.__signature__ = inspect.Signature(parameters)  # type: ignore[attr-defined]
    run.__annotations__ = {parameter.name: parameter.annotation for parameter in parameters}
    return run
