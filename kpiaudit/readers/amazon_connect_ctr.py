"""How `amazon_connect_ctr` is read; `kpiaudit.sources.amazon_connect_ctr` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from kpiaudit.decoding.calls import Legs, timelines
from kpiaudit.decoding.records import Broken, read_records
from kpiaudit.decoding.rows import Instant, micros

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    import polars as pl

    from kpiaudit.sources.base import ExportFile, ReadSettings

CHANNELS: Final = {"VOICE": "voice", "CHAT": "chat", "EMAIL": "email", "SMS": "sms"}
OUTBOUND: Final = frozenset({"OUTBOUND", "EXTERNAL_OUTBOUND", "AGENT_REPLY"})
WATCHED: Final = "MONITOR"
GOES_ON: Final = frozenset({"TRANSFER", "QUEUE_TRANSFER", "DISCONNECT"})
SECOND: Final = 1_000_000


class Queue(msgspec.Struct, gc=False):
    """The queue a contact waited in."""

    name: str | None = msgspec.field(name="Name", default=None)
    enqueued: Instant | None = msgspec.field(name="EnqueueTimestamp", default=None)


class Agent(msgspec.Struct, gc=False):
    """The agent of a contact, and what it took of his time, in seconds."""

    name: str | None = msgspec.field(name="Username", default=None)
    connected: Instant | None = msgspec.field(name="ConnectedToAgentTimestamp", default=None)
    talked: float | None = msgspec.field(name="AgentInteractionDuration", default=None)
    held: float | None = msgspec.field(name="CustomerHoldDuration", default=None)
    wrapped_up: float | None = msgspec.field(name="AfterContactWorkDuration", default=None)


class Endpoint(msgspec.Struct, gc=False):
    """A telephone number or another address."""

    address: str | None = msgspec.field(name="Address", default=None)


class Contact(msgspec.Struct, gc=False):
    """One record; `Queue` and `Agent` are null where there was none."""

    id: str = msgspec.field(name="ContactId")
    initiated: Instant = msgspec.field(name="InitiationTimestamp")
    channel: str | None = msgspec.field(name="Channel", default=None)
    method: str | None = msgspec.field(name="InitiationMethod", default=None)
    initial: str | None = msgspec.field(name="InitialContactId", default=None)
    previous: str | None = msgspec.field(name="PreviousContactId", default=None)
    connected: Instant | None = msgspec.field(name="ConnectedToSystemTimestamp", default=None)
    disconnected: Instant | None = msgspec.field(name="DisconnectTimestamp", default=None)
    updated: Instant | None = msgspec.field(name="LastUpdateTimestamp", default=None)
    queue: Queue | None = msgspec.field(name="Queue", default=None)
    agent: Agent | None = msgspec.field(name="Agent", default=None)
    customer: Endpoint | None = msgspec.field(name="CustomerEndpoint", default=None)


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:  # as all are called
    """Return the timeline of every chain of contacts. A voice contact the API began is a call we made."""
    legs = Legs()
    contacts: dict[str, Contact] = {}
    places = []
    for file in files:
        for number, contact in read_records(file, Contact):
            if isinstance(contact, Broken):
                legs.reject(file.name, number, contact)
                continue
            contacts[contact.id] = contact
            places.append((file.name, number, contact))
    for export, number, contact in places:
        legs.tell({"export": export, "row": number} | leg(contact, contacts))
    return timelines(legs.frame())


def leg(contact: Contact, known: Mapping[str, Contact]) -> dict[str, object]:
    """Return a contact as a leg of the conversation its first contact names."""
    first = first_of(contact, known)
    if contact.method == WATCHED:
        return {"skip": "monitoring"}
    queue, agent = contact.queue or Queue(), contact.agent or Agent()
    is_call_out = is_outbound(contact)
    answered = contact.connected if is_call_out else agent.connected
    is_answered = agent.name is not None and answered is not None
    durations = (agent.talked, agent.held, agent.wrapped_up)
    return {
        "call": first,
        "leg": contact.id,
        "version": instant(contact.updated),
        "direction": "outbound" if is_call_out else "inbound",
        "channel": CHANNELS.get(contact.channel or "VOICE", "other"),
        "reached_at": micros(contact.initiated),
        "queued_at": instant(queue.enqueued),
        "answered_at": instant(answered) if is_answered else None,
        "ended_at": instant(contact.disconnected),
        "agent": agent.name,
        "team": queue.name,
        "customer": contact.customer.address if contact.customer else None,
        "handle_time": round(sum(filter(None, durations)) * SECOND) if is_answered else None,
        "is_partial": contact.method in GOES_ON and first not in known,
    }


def first_of(contact: Contact, known: Mapping[str, Contact]) -> str:
    """Return the id of the first contact of a chain, as it is named, else as the chain leads to it."""
    seen = {contact.id}
    while contact.initial is None and contact.previous and contact.previous not in seen:
        before = known.get(contact.previous)
        if before is None:
            return contact.previous
        seen.add(before.id)
        contact = before
    return contact.initial or contact.id


def is_outbound(contact: Contact) -> bool:
    """Return whether we made the call; a call the API starts is one."""
    is_ours = contact.method == "API" and contact.channel == "VOICE"
    return is_ours or contact.method in OUTBOUND


def instant(stamp: Instant | None) -> int | None:
    """Return microseconds since 1970, None for none."""
    return None if stamp is None else micros(stamp)
