"""Intercom as CSV: one message a row, as Prodsight exports conversations; and the reporting datasets.

Prodsight's export is a click in its settings; stamps are UTC without an offset. It tells messages, notes and
the changes that stand among them; a conversation whose first row is later than its creation has lost its
beginning. It cannot tell priorities, nor who is assigned. The datasets of *Reports > Export*, or of the
API's reporting exports, name columns by attribute (`standard.conversation_id`): they hold durations of
office hours, no messages, words in the language of the workspace and stamps of its zone; until API 2.16
the one of conversations left out those without a user's reply. Their rows are skipped: export the
conversations themselves from the API.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

STAMPS: Final = {
    "sent_at": "message_created_at",
    "opened": "conversation_created_at",
    "closed": "conversation_closed_at",
}
READ: Final = {
    "id": "message_id",
    "word": "message_type",
    "author_type": "message_author_type",
    "conversation": "conversation_id",
    "today": "conversation_state",
    "text": "message_body",
} | STAMPS


def dataset(*attributes: str) -> dict[str, Shape]:
    """Return the two shapes of a dataset: attributes with their group, and without."""
    plain = frozenset(attribute.split(".")[1] for attribute in attributes)
    name = " and ".join(sorted(plain))
    taken = frozenset({"message_id"})
    return {
        f"dataset: {name}": Shape(("csv",), frozenset(attributes), is_missed=False),
        f"dataset without groups: {name}": Shape(("csv",), plain, none_of=taken, is_missed=False),
    }


SOURCE: Final = Source(
    name="intercom_csv",
    system="intercom",
    title="Intercom, CSV of messages (Prodsight)",
    shapes={
        "messages": Shape(
            ("csv",),
            frozenset(READ.values()) - {"conversation_state", STAMPS["opened"], STAMPS["closed"]},
        ),
        **dataset("standard.conversation_id", "timestamp.conversation_started_at"),
    },
    read=reader("intercom_csv"),
    constants={"visibility": "private"},
    seen_in_the_wild=False,
    note="Prodsight's messages; the datasets of Reports > Export hold no messages and are skipped.",
)
