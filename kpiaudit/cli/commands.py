"""Every command by name: where it lives and its one sentence, so that `--help` loads none of them."""

from __future__ import annotations

from collections.abc import Iterator, MutableMapping
from dataclasses import dataclass
from importlib import import_module
from threading import Thread
from typing import Any, Final

import typer
from typer.core import TyperGroup


@dataclass(frozen=True, slots=True)
class Entry:
    """A function or a group of commands in a module of this package, and the first line of its help."""

    module: str
    attribute: str
    summary: str


COMMANDS: Final = {
    "report": Entry("audits", "report", "Print the audit: the promise and its verdict, every SLA, who and what missed it."),
    "check": Entry("audits", "check", "Judge the same audit as a gate: the exit code says whether the promise was kept."),
    "inspect": Entry("looks", "inspect", "Say what each file was taken for and why, what became of its rows, what it can feed and what not."),
    "clocks": Entry("files", "clocks", "Write one row per clock: the evidence, each with the export and row it starts and stops at."),
    "breaches": Entry("whatifs", "breaches", "List the worst breaches, or what is about to be one: who, when, how far over, which rows."),
    "whatif": Entry("whatifs", "whatif", "Say what the promise might be: other targets, calendars and definitions, and the breaches to avert."),
    "compare": Entry("compares", "compare", "Compare two folders, two periods or the groups of a dimension, like for like."),
    "explain": Entry("explains", "explain", "Explain one conversation: every row, and every clock as spans that add up to its figure."),
    "definitions": Entry("definitions", "definitions", "Show the rules of every profile; with exports, the adherence under each and who differs, and why."),
    "verify": Entry("bundles", "verify", "Run the audit of an evidence bundle again on exports: identical, or what changed."),
    "normalize": Entry("files", "normalize", "Write the message table; read back as an export it gives the same figures."),
    "init": Entry("inits", "init", "Draft kpiaudit.toml from what exports hold: promises they keep, hours, teams, unknown columns."),
    "sources": Entry("looks", "sources", "List the export formats kpiaudit recognises."),
    "kpis": Entry("kpis", "kpis", "List every KPI: what it counts, what an export must hold for it, which way is better."),
    "calendar": Entry("calendars", "app", "Show when calendars are open."),
    "config": Entry("configs", "app", "Check and show the policy."),
}  # fmt: skip


def load(name: str) -> Any:  # noqa: ANN401  # Typer's commands are of private classes
    """Return a command, its module imported."""
    entry = COMMANDS[name]
    found = getattr(import_module(f"kpiaudit.cli.{entry.module}"), entry.attribute)
    if isinstance(found, typer.Typer):
        command: Any = typer.main.get_group(found)
    else:
        alone = typer.Typer(add_completion=False, rich_markup_mode=None)
        alone.command(name)(found)
        command = typer.main.get_command(alone)
    command.name = name
    bare_arguments(command)
    return command


def bare_arguments(command: Any) -> None:  # noqa: ANN401
    """Name the arguments of a command and of its own in the usage line as its help does: Typer puts what
    must be given in braces, which no shell and no other manual does.
    """
    for each in (command, *getattr(command, "commands", {}).values()):
        for parameter in each.params:
            if parameter.param_type_name == "argument" and parameter.metavar is not None:
                parameter.make_metavar = lambda *_, shown=parameter.metavar, **__: shown


class Loaded(MutableMapping[str, Any]):
    """Commands by name, each loaded when it is asked for."""

    def __init__(self) -> None:
        self.loaded: dict[str, Any] = {}

    def __getitem__(self, name: str) -> Any:  # noqa: ANN401
        if name not in self.loaded:
            self.loaded[name] = load(name)
        return self.loaded[name]

    def __setitem__(self, name: str, command: Any) -> None:  # noqa: ANN401
        self.loaded[name] = command

    def __delitem__(self, name: str) -> None:
        del self.loaded[name]

    def __iter__(self) -> Iterator[str]:
        return iter(COMMANDS)

    def __len__(self) -> int:
        return len(COMMANDS)


class LazyGroup(TyperGroup):
    """The program: its commands are listed from COMMANDS and loaded one at a time."""

    def __init__(self, **attributes: Any) -> None:  # noqa: ANN401
        super().__init__(**attributes)
        self.commands = Loaded()

    def format_commands(self, ctx: Any, formatter: Any) -> None:  # noqa: ANN401
        """Write every command with its sentence."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl([(name, entry.summary) for name, entry in COMMANDS.items()])


def preload(*modules: str) -> None:
    """Import modules aside: 60 ms that pass while polars scans."""
    Thread(target=lambda: [import_module(name) for name in modules], daemon=True).start()
