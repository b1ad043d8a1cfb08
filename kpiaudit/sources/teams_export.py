"""Microsoft Teams' messages of channels and chats, JSON as Purview-like exports and the Graph API give them.

`teams/ID/messages_ID.json` and `users/ID/messages_ID.json` with `usersList.json` (the lists of teams, their
settings, members and apps, channels and meetings that lie beside them are counted and skipped), or pages of Graph's API,
`/teams/ID/channels/ID/messages` and `/replies`, `/chats/ID/messages`. A post with its replies is a
conversation; a chat is an endless one, ended by silence, and counts once though each of its people's folders
holds it. Stamps have an offset, UTC. Who is us, `[us]` says, by name, id, e-mail or its domain, which
`usersList.json` tells; an application is a bot. What the system tells is no message; a reaction or edit
moves nothing. The export cannot tell statuses.
"""

from __future__ import annotations

from typing import Final

from kpiaudit.sources.base import Shape, Source, reader

JSON: Final = ("json",)
OTHERS: Final = {
    "channels": Shape(JSON, frozenset({"Id", "DisplayName", "MembershipType"}), is_missed=False),
    "teams": Shape(JSON, frozenset({"GroupsId", "Name", "Privacy"}), is_missed=False),
    "settings": Shape(
        JSON, frozenset({"Id", "InternalId", "DisplayName", "IsArchived"}), is_missed=False
    ),
    "members": Shape(
        JSON,
        frozenset({"UserId", "UserName", "Name", "Title", "Location", "Role"}),
        is_missed=False,
    ),
    "apps": Shape(JSON, frozenset({"Id", "TeamsAppDefinition.TeamsAppId"}), is_missed=False),
    "meetings": Shape(
        JSON, frozenset({"Id", "ICalUId", "IsOnlineMeeting", "Subject"}), is_missed=False
    ),
}
"""Files that explain and say nothing."""
SOURCE: Final = Source(
    name="teams_export",
    system="teams",
    title="Microsoft Teams, exported messages",
    shapes={
        "messages": Shape(
            JSON, frozenset({"Id", "CreatedDateTime", "MessageType", "Body", "From"})
        ),
        "users": Shape(
            JSON, frozenset({"Id", "DisplayName", "UserPrincipalName"}), is_missed=False
        ),
        **OTHERS,
    },
    read=reader("teams_export"),
    constants={"channel": "messaging", "platform": "teams", "visibility": "private"},
    note="Export the users with the messages, and name your own under [us].",
    one_row_one_message=True,
)
