"""The application: its options, every error told once, every exit code decided here."""

from __future__ import annotations

import os
import sys

import typer
from typer.exceptions import TyperException

from kpiaudit import diagnostics
from kpiaudit.cli.commands import LazyGroup
from kpiaudit.errors import ExitCode, KpiauditError

PANIC = "PanicException"
"""What a bug in Polars raises: no `Exception`, so that nothing takes it for a failure it may pass over."""

app = typer.Typer(
    name="kpiaudit",
    cls=LazyGroup,
    help="Audit customer service exports against the promise you make to your customers.\n\n"
    "Examples:\n\n"
    "  kpiaudit report exports/\n\n"
    "  kpiaudit check exports/ --fail-under 90\n\n"
    "  kpiaudit inspect exports/ --rejects rejects.csv",
    epilog="Exit codes: 0 kept, 1 a goal missed (check), 2 could not run, 3 internal error, "
    "4 nothing to judge, 130 interrupted.",
    no_args_is_help=True,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 100},
)


@app.callback()
def version(
    version: bool = typer.Option(False, "--version", "-V", help="Print the version and exit."),
) -> None:
    """Answered in `__main__`, before anything is imported; declared for `--help`."""


def run() -> int:
    """Run the command line; return its exit code."""
    try:
        code = app(prog_name="kpiaudit", standalone_mode=False)
    except KpiauditError as error:
        diagnostics.tell_error(error)
        return ExitCode.COULD_NOT_RUN
    except TyperException as error:
        tell_misuse(error)
        return ExitCode.COULD_NOT_RUN
    except (KeyboardInterrupt, typer.Abort):
        return ExitCode.INTERRUPTED
    except BaseException as error:  # the one place: a bug ends in one line and code 3
        if not isinstance(error, Exception) and type(error).__name__ != PANIC:
            raise
        if "--debug" in sys.argv or os.environ.get("KPIAUDIT_DEBUG"):
            import traceback

            traceback.print_exc()
        reason = (str(error).strip().splitlines() or [""])[0]
        diagnostics.tell(
            "internal error",
            f"{type(error).__name__}: {reason}",
            "this is a bug in kpiaudit; run again with --debug and report what it prints",
        )
        return ExitCode.INTERNAL
    return code if isinstance(code, int) else ExitCode.KEPT


def tell_misuse(error: TyperException) -> None:
    """Write what Typer finds wrong with the command line as every other error; no command: the help."""
    message = error.format_message()
    if message.startswith("Usage:"):
        sys.stderr.write(f"{message}\n")
        return
    context = getattr(error, "ctx", None)
    command = context.command_path if context else "kpiaudit"
    known = sorted(getattr(error, "possibilities", None) or ())
    message = getattr(error, "message", "") if known else message
    did_you = f"; did you mean {' or '.join(known)}?" if known else ""
    wrong = (message[:1].lower() + message[1:]).rstrip(".")
    diagnostics.tell("error", f"{wrong}{did_you}", f"`{command} --help` shows how it is used")
