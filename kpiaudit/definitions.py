"""The contested rules by name: what each means, what it may say, and which of them other tools follow.

A profile sets a tool's rules at once, so that our number can equal the one on its screen; an option
written beside it beats it.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from kpiaudit.settings import Definitions

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

VADER = "vader"
"""The value of `sentiment` that asks for its lexicon."""
Value = str | int | bool | list[str]

MEANINGS: Mapping[str, str] = {
    "clock_start": "what starts first response and resolution",
    "first_stops": "whose public message ends a first response",
    "status_stops_first": "statuses that end a first response without a message",
    "resolve_stops_first": "a solving without a reply ends a first response",
    "first_paused_by": "statuses that pause a first response",
    "closed_pauses_first": "time resolved or closed pauses a first response",
    "agent_initiated": "first response where the team wrote first",
    "next_includes_first": "the first exchange is a next response too",
    "next_stops": "whose public message ends a next response",
    "resolve_stops_next": "a solving ends a next response",
    "next_paused_by": "statuses that pause a next response",
    "resolution_paused_by": "statuses that pause a resolution",
    "closed_pauses_resolution": "time between a solving and a reopening is left out",
    "pause_counting": "pauses last business time, or real time added to the deadline",
    "open_late": "an unanswered clock is breached when over (>) or at (>=) its target",
    "minimum_seconds": "the least a stopped response counts",
    "deadline": "a target that fills the shift is due at closing, or at the next opening",
    "policy_change": "a new SLA keeps the clock's start, or restarts it",
    "policy_at": "the SLA in force when the clock stops, or when it starts",
    "contact_window": "time in which a customer back, or a reopening, undoes a deflection or a one-touch",
    "conversation_gap": "silence that ends a conversation where an export has no boundaries",
    "sentiment": "the export's own field or stars alone, or VADER's lexicon where an export has neither: a "
    "hint, English only, blind to irony and context; needs kpiaudit[sentiment]",
}
"""Every option, in the order shown."""

CHOICES: Mapping[str, tuple[str, ...]] = {
    "clock_start": ("created", "first_customer_message", "last_nonhuman"),
    "agent_initiated": ("measure", "exclude"),
    "pause_counting": ("business", "realtime"),
    "open_late": (">", ">="),
    "deadline": ("earliest", "latest"),
    "policy_change": ("keep", "restart"),
    "policy_at": ("stop", "start"),
    "sentiment": ("export", VADER),
}
"""Options that are one word of these."""

READ_ALIKE = ("contact_window", "conversation_gap", "sentiment")
"""Options no profile has an opinion on."""

STOPS = ("agent:public", "bot:public")
"""The words of `first_stops` and `next_stops`."""


@dataclass(frozen=True, slots=True)
class Profile:
    """The rules of one tool, where they were read, and what no option of ours can say of it."""

    title: str
    definitions: Definitions
    read_in: tuple[str, ...]
    limits: str = ""


PROFILES: Mapping[str, Profile] = {
    "contract": Profile(
        "what a customer was promised",
        Definitions(),
        ("DECISIONS.md, each rule with its arithmetic",),
    ),
    "zendesk": Profile(
        "Zendesk",
        Definitions(
            profile="zendesk",
            clock_start="created",
            agent_initiated="measure",
            next_stops=("agent:public",),
            resolution_paused_by=(),
            closed_pauses_resolution=False,
        ),
        (
            "Zendesk help, First reply time (article 4408821871642)",
            "Zendesk help, Duration metrics (article 4408834848154)",
            "fivetran/dbt_zendesk d4a8aa3, models/sla_policy and DECISIONLOG.md",
        ),
        "on a ticket an agent opened Zendesk waits for the second public comment, which counts "
        "0 seconds here; time on hold or pending is in the metrics agent_work and requester_wait",
    ),
    "intercom": Profile(
        "Intercom",
        Definitions(
            profile="intercom",
            clock_start="created",
            resolve_stops_first=False,
            closed_pauses_first=True,
            next_stops=("agent:public",),
            resolution_paused_by=(),
            closed_pauses_resolution=False,
        ),
        (
            "Intercom help, Set SLAs for conversations and tickets (article 6546152)",
            "Intercom help, Reporting metrics (article 7022438)",
            "fivetran/dbt_intercom de507ec, models/intercom__conversation_metrics.sql",
        ),
        "Intercom misses an unanswered conversation only when a teammate replies at last",
    ),
    "zammad": Profile(
        "Zammad",
        Definitions(
            profile="zammad",
            clock_start="created",
            first_paused_by=("pending",),
            next_paused_by=("pending", "closed"),
            resolution_paused_by=("pending",),
            next_includes_first=True,
            resolve_stops_first=False,
            resolve_stops_next=False,
            agent_initiated="measure",
            closed_pauses_first=True,
            deadline="latest",
        ),
        (
            "zammad/zammad 1aa4e68, lib/escalation.rb and lib/escalation/ticket_biz_break.rb",
            "zammad-admin-documentation, manage/slas/how-do-they-work.rst",
        ),
        "Zammad stores whole minutes and keeps only the longest next response",
    ),
    "chatwoot": Profile(
        "Chatwoot",
        Definitions(
            profile="chatwoot",
            clock_start="created",
            resolve_stops_first=False,
            agent_initiated="measure",
            resolution_paused_by=(),
            open_late=">=",
        ),
        (
            "chatwoot/chatwoot 18a3780, enterprise/app/services/sla/evaluate_applied_sla_service.rb",
            "chatwoot/chatwoot 15582fd, app/listeners/reporting_event_listener.rb",
        ),
        "Chatwoot's reports start at the last hand-off or reopening: "
        'clock_start = "last_nonhuman"; it calls a conversation resolved late a hit',
    ),
    "frappe": Profile(
        "Frappe Helpdesk",
        Definitions(
            profile="frappe",
            clock_start="created",
            status_stops_first=("waiting", "on_hold", "resolved"),
            resolution_paused_by=("waiting", "on_hold"),
            agent_initiated="measure",
        ),
        (
            "frappe/helpdesk 6018181, hd_service_level_agreement.py and its utils.py",
            "frappe/erpnext 0287768, service_level_agreement.py: pause_counting and minimum_seconds",
        ),
        "ERPNext adds pauses in real time and counts no response below 1 second: "
        'pause_counting = "realtime", minimum_seconds = 1',
    ),
}


@dataclass(frozen=True, slots=True)
class Tally:
    """Outcomes of clocks."""

    met: int = 0
    breached: int = 0
    open: int = 0
    excluded: int = 0

    @property
    def adherence(self) -> float | None:
        """Return met / (met + breached); None when nothing is decided."""
        decided = self.met + self.breached
        return self.met / decided if decided else None


@dataclass(frozen=True, slots=True)
class Disagreement:
    """A conversation that comes out otherwise, and the options that make the difference."""

    sla: str
    system: str
    conversation_id: str
    ours: Tally
    theirs: Tally
    rules: tuple[str, ...]
    """Each alone turns our outcome into theirs; or none does, and they do together."""
    is_together: bool


@dataclass(frozen=True, slots=True)
class UnderProfile:
    """The SLAs of a policy under the rules of one profile."""

    profile: str
    slas: Mapping[str, Tally]
    differing: int
    """Conversations that come out otherwise than under the policy's own definitions, per SLA."""
    listed: tuple[Disagreement, ...]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The same exports under several sets of definitions."""

    own: str
    """The policy's profile; with options written beside it, `NAME and the policy's options`."""
    slas: Mapping[str, Tally]
    profiles: tuple[UnderProfile, ...]


def in_words(definitions: Definitions) -> dict[str, Value]:
    """Return every option, `profile` first, as a policy writes its value."""
    return {"profile": definitions.profile} | {
        name: value_of(definitions, name) for name in MEANINGS
    }


def value_of(definitions: Definitions, name: str) -> Value:
    """Return one option as a policy writes it."""
    value = getattr(definitions, name)
    if name in {"contact_window", "conversation_gap"}:
        return f"{value.total_seconds() / 3600:g}h"
    return list(value) if isinstance(value, tuple) else value


def differences(one: Definitions, other: Definitions) -> tuple[str, ...]:
    """Return the options in which two sets of definitions differ, in the order of MEANINGS."""
    return tuple(name for name in MEANINGS if getattr(one, name) != getattr(other, name))


def switched(definitions: Definitions, name: str, other: Definitions) -> Definitions:
    """Return the definitions with one option as `other` has it."""
    return replace(definitions, **{name: getattr(other, name)})


def own_name(definitions: Definitions) -> str:
    """Return what the policy's definitions are called."""
    is_pure = not differences(definitions, PROFILES[definitions.profile].definitions)
    return definitions.profile if is_pure else f"{definitions.profile} and the policy's options"


def others(definitions: Definitions, names: Iterable[str]) -> dict[str, Definitions]:
    """Return the profiles to hold against a policy's definitions, which read the exports alike."""
    kept = {name: getattr(definitions, name) for name in READ_ALIKE}
    return {
        name: replace(PROFILES[name].definitions, **kept)
        for name in names
        if name != own_name(definitions)
    }
