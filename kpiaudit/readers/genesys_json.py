"""How `genesys_json` is read; `kpiaudit.sources.genesys_json` says what it is."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

import msgspec

from kpiaudit.decoding.calls import Legs, timelines
from kpiaudit.decoding.records import Broken, read_records
from kpiaudit.decoding.rows import Instant, micros

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    import polars as pl

    from kpiaudit.sources.base import ExportFile, ReadSettings

CHANNELS: Final = {
    "voice": "voice",
    "callback": "voice",
    "chat": "chat",
    "webchat": "chat",
    "email": "email",
    "message": "messaging",
}
CUSTOMERS: Final = frozenset({"customer", "external"})
AGENTS: Final = frozenset({"agent", "user"})
QUEUE: Final = "acd"
VOICEMAIL: Final = "voicemail"
HANDLED: Final = frozenset({"interact", "hold", "wrapup"})
AFTERWARDS: Final = frozenset({"wrapup", "callback"})
SKIPPED_PREVIEW: Final = "ININ-OUTBOUND-PREVIEW-SKIPPED"


class Segment(msgspec.Struct, gc=False, rename="camel"):
    """A stretch of one session: ringing, talking, holding, wrapping up."""

    segment_start: Instant
    segment_end: Instant | None = None
    segment_type: str = "unknown"
    queue_id: str | None = None
    wrap_up_code: str | None = None


class Session(msgspec.Struct, gc=False, rename="camel"):
    """One connection of a participant."""

    media_type: str | None = None
    direction: str | None = None
    ani: str | None = None
    dnis: str | None = None
    segments: list[Segment] = msgspec.field(default_factory=list)


class Participant(msgspec.Struct, gc=False, rename="camel"):
    """Somebody, or something, that took part; `purpose` says as what."""

    purpose: str
    participant_id: str | None = None
    participant_name: str | None = None
    user_id: str | None = None
    sessions: list[Session] = msgspec.field(default_factory=list)


class Conversation(msgspec.Struct, gc=False, rename="camel"):
    """One conversation with all its participants; without an end, it goes on."""

    conversation_id: str
    conversation_start: Instant
    participants: list[Participant]
    conversation_end: Instant | None = None
    originating_direction: str | None = None


def read(files: Sequence[ExportFile], settings: ReadSettings) -> pl.LazyFrame:
    """Return the timeline of every conversation."""
    legs = Legs()
    for file in files:
        for number, conversation in read_records(file, Conversation):
            if isinstance(conversation, Broken):
                legs.reject(file.name, number, conversation)
                continue
            place = {"export": file.name, "row": number}
            for leg in legs_of(conversation):
                legs.tell(place | leg)
    return timelines(legs.frame())


def legs_of(conversation: Conversation) -> Iterator[dict[str, object]]:
    """Yield the conversation itself as a leg, then every queue and every agent."""
    people = conversation.participants
    segments = [part for who in people for session in who.sessions for part in session.segments]
    if any(part.wrap_up_code == SKIPPED_PREVIEW for part in segments) and not is_reached(people):
        yield {"skip": "preview skipped"}
        return
    key, ended = conversation.conversation_id, end_of(conversation)
    media = [session.media_type for who in people for session in who.sessions if session.media_type]
    is_voicemail = any(who.purpose == VOICEMAIL for who in people)
    shared: dict[str, object] = {
        "call": key,
        "version": instant(conversation.conversation_end),
        "direction": conversation.originating_direction or "inbound",
        "channel": CHANNELS.get(media[0], "other") if media else "voice",
        "customer": customer_of(people),
        "ended_at": ended,
        "tags": [VOICEMAIL] if is_voicemail else None,
    }
    began = micros(conversation.conversation_start)
    turns = sorted(turns_of(people), key=lambda turn: (turn.at, turn.agent is not None))
    first = turns[0].team if turns and turns[0].agent is None else None
    yield shared | {"leg": key, "reached_at": began, "team": first}
    team = None
    for number, turn in enumerate(turns, 1):
        team = turn.team or team
        yield shared | {
            "leg": f"{key}-{number:03}",
            "queued_at": turn.at if turn.agent is None else None,
            "answered_at": turn.at if turn.agent is not None else None,
            "agent": turn.agent,
            "team": team,
            "handle_time": turn.handled,
        }


class Turn(msgspec.Struct, gc=False):
    """A queue the customer entered, or an agent who answered."""

    at: int
    team: str | None = None
    agent: str | None = None
    handled: int | None = None


def turns_of(people: Sequence[Participant]) -> Iterator[Turn]:
    """Yield every queue from its first segment on, or without one the first ringing; and every agent from
    the first interaction on.
    """
    if all(who.purpose != QUEUE for who in people) and (rings := list(rings_of(people))):
        yield Turn(min(rings))
    for who in people:
        parts = sorted(
            (part for session in who.sessions for part in session.segments),
            key=lambda part: part.segment_start,
        )
        team = next((part.queue_id for part in parts if part.queue_id), None)
        if who.purpose == QUEUE and parts:
            yield Turn(micros(parts[0].segment_start), team)
        talk = next((part for part in parts if part.segment_type == "interact"), None)
        if who.purpose in AGENTS and talk:
            name = who.participant_name or who.user_id or who.participant_id or "agent"
            yield Turn(micros(talk.segment_start), team, name, handled(parts))


def rings_of(people: Sequence[Participant]) -> Iterator[int]:
    """Yield when the telephone of an agent began to ring."""
    for who in people:
        for session in who.sessions if who.purpose in AGENTS else ():
            for part in session.segments:
                if part.segment_type == "alert":
                    yield micros(part.segment_start)


def handled(parts: Sequence[Segment]) -> int:
    """Return how long somebody talked, held and wrapped up, in microseconds."""
    return sum(
        micros(part.segment_end) - micros(part.segment_start)
        for part in parts
        if part.segment_type in HANDLED and part.segment_end is not None
    )


def is_reached(people: Sequence[Participant]) -> bool:
    """Return whether the customer was ever connected."""
    return any(
        part.segment_type == "interact"
        for who in people
        if who.purpose in CUSTOMERS
        for session in who.sessions
        for part in session.segments
    )


def end_of(conversation: Conversation) -> int | None:
    """Return when the customer was gone: work afterwards is not waited for. None while it goes on."""
    if conversation.conversation_end is None:
        return None
    ends = [
        micros(part.segment_end)
        for who in conversation.participants
        if who.purpose in CUSTOMERS
        for session in who.sessions
        for part in session.segments
        if part.segment_end is not None and part.segment_type not in AFTERWARDS
    ]
    return max(ends, default=micros(conversation.conversation_end))


def customer_of(people: Sequence[Participant]) -> str | None:
    """Return the customer's name, else the number that called or was called."""
    for who in people:
        if who.purpose in CUSTOMERS:
            for session in who.sessions:
                number = session.dnis if session.direction == "outbound" else session.ani
                if who.participant_name or number:
                    return who.participant_name or number
    return None


def instant(stamp: Instant | None) -> int | None:
    """Return microseconds since 1970, None for none."""
    return None if stamp is None else micros(stamp)
