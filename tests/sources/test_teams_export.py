"""Teams' messages: posts with replies, chats held by everybody in them, applications, and who is us."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest
from audits import clocks, written
from reading import refused, rows_of, told

from kpiaudit.pipeline import read
from kpiaudit.settings import Us
from kpiaudit.sources.base import ReadSettings
from kpiaudit.sources.teams_export import SOURCE

if TYPE_CHECKING:
    import polars as pl

Record = dict[str, Any]
POLICY = '[us]\nagents = ["Ana"]\n'


def said(minute: int, name: str = "Pia", **changed: object) -> Record:
    message = {
        "Id": f"17551923692{minute:02}",
        "ReplyToId": None,
        "CreatedDateTime": f"2025-08-14T17:{minute:02}:09.203+00:00",
        "LastModifiedDateTime": "2025-08-20T00:00:00.000+00:00",
        "MessageType": "message",
        "Body": {"ContentType": "html", "Content": f"<p>m{minute}</p>"},
        "From": {"Application": None, "User": {"Id": f"u-{name}", "DisplayName": name}},
        "ChannelIdentity": {"TeamId": "t", "ChannelId": "c"},
        "ChatId": None,
    }
    return message | changed


def chat(minute: int, name: str = "Pia", **changed: object) -> Record:
    return said(minute, name, ChatId="19:x", ChannelIdentity=None) | changed


def in_camel(value: object) -> Any:  # noqa: ANN401  # any JSON
    if isinstance(value, dict):
        return {key[0].lower() + key[1:]: in_camel(inner) for key, inner in value.items()}
    return [in_camel(inner) for inner in value] if isinstance(value, list) else value


def rows(
    folder: Path, *messages: Record, us: Us | None = None, people: object = None
) -> pl.DataFrame:
    files = {"messages_1.json": json.dumps(messages)}
    if people:
        files["usersList.json"] = json.dumps(people)
    return rows_of(SOURCE, folder, files, ReadSettings(us=us, text=True))


def test_a_reply_belongs_to_its_post_and_may_come_before_it(tmp_path: Path) -> None:
    """Gotcha 11: the files are not sorted."""
    found = rows(tmp_path, said(9, "Ana", ReplyToId="1755192369201"), said(1))
    assert told(found, "conversation_id", "has_boundaries", "text") == [
        ("c/1755192369201", True, "m1"),
        ("c/1755192369201", True, "m9"),
    ]


def test_gotcha_11_the_first_response_does_not_depend_on_the_order_of_the_file(
    tmp_path: Path,
) -> None:
    messages = [said(9, "Ana", ReplyToId="1755192369201"), said(1)]
    exports = {"teams/t/messages_t.json": json.dumps(messages)}
    (row,) = clocks(written(tmp_path, exports, POLICY))
    at = datetime(2025, 8, 14, 17, 1, 9, 203_000, tzinfo=UTC)
    assert (row["started_at"], row["stopped_at"]) == (at, at.replace(minute=9))


def test_gotcha_9_a_reaction_moves_nothing(tmp_path: Path) -> None:
    at = datetime(2025, 8, 14, 17, 1, 9, 203_000, tzinfo=UTC)
    assert told(rows(tmp_path, said(1)), "sent_at") == [(at,)]


def test_a_chat_lies_in_the_folder_of_each_of_its_people_and_counts_once(tmp_path: Path) -> None:
    text = json.dumps([chat(1), chat(2, "Ana")])
    exports = {f"users/{who}/messages_{who}.json": text for who in ("a", "p")}
    reading = read(written(tmp_path, exports, POLICY))
    assert reading.ordered["conversation_id"].n_unique() == 1
    assert (reading.ordered.height, reading.gathered.counts["duplicate"].sum()) == (2, 2)


def test_the_keys_of_the_graph_api_are_the_same_in_other_letters(tmp_path: Path) -> None:
    columns = ("conversation_id", "sent_at", "author", "text")
    usual = told(rows(tmp_path, said(1), chat(2)), *columns)
    page = json.dumps({"value": in_camel([said(1), chat(2)])})
    assert (
        told(rows_of(SOURCE, tmp_path, {"page.json": page}, ReadSettings(text=True)), *columns)
        == usual
    )
    assert len(usual) == 2


@pytest.mark.parametrize(
    "us", [Us(agents=("Ana",)), Us(accounts=("u-Ana",)), Us(accounts=("ana@us.example",))]
)
def test_us_may_name_people_ids_or_addresses(tmp_path: Path, us: Us) -> None:
    person = {"Id": "u-Ana", "DisplayName": "Ana", "UserPrincipalName": "ana@us.example"}
    found = rows(tmp_path, said(1), said(2, "Ana"), us=us, people=[person])
    assert told(found, "event", "agent") == [(None, None), ("outbound", "Ana")]
    assert told(found, "author") == [("Pia",), ("ana@us.example",)]


def test_gotcha_10_an_application_is_a_bot(tmp_path: Path) -> None:
    robot = {"Application": {"Id": "a", "DisplayName": "Flow"}, "User": None}
    found = rows(tmp_path, said(1, From=robot))
    assert told(found, "author_role", "is_automated", "agent") == [("bot", True, "Flow")]


def test_what_the_system_tells_is_no_message(tmp_path: Path) -> None:
    told_by = said(1, MessageType="unknownFutureValue", From=None)
    assert rows(tmp_path, told_by, said(2))["skip"].null_count() == 1


def test_a_message_without_author_is_a_reject(tmp_path: Path) -> None:
    assert refused(rows(tmp_path, said(1), said(2, From=None))) == [(2, "From: missing", None)]


COMPANIONS: dict[str, list[Record]] = {
    "teams/teamsList.json": [
        {"Name": "Care", "Privacy": "Public", "Description": None, "GroupsId": "t", "Owners": None}
    ],
    "teams/teamsSettings.json": [
        {
            "Id": "t",
            "DisplayName": "Care",
            "InternalId": "19:a@thread.tacv2",
            "Visibility": "public",
            "IsArchived": False,
            "MemberSettings": {"AllowDeleteChannels": True},
        }
    ],
    "teams/t/teamMembers_t.json": [
        {
            "Name": "Ana",
            "UserId": "u-Ana",
            "UserName": "ana@fernweh.example",
            "Title": None,
            "Location": None,
            "Role": None,
        }
    ],
    "teams/t/teamInstalledApps_t.json": [
        {"Id": "x", "TeamsAppDefinition": {"Id": "y", "TeamsAppId": "z", "DisplayName": "Calling"}}
    ],
    "users/u/meetings_u.json": [
        {
            "Id": "AAM",
            "CreatedDateTime": "2025-08-08T08:56:36.7449137+00:00",
            "ICalUId": "04",
            "Subject": "Tents",
            "IsOnlineMeeting": True,
            "Start": {"DateTime": "2025-08-08T09:00:00.0000000", "TimeZone": "UTC"},
        }
    ],
}


@pytest.mark.parametrize("is_camel", [False, True])
def test_what_lies_beside_the_messages_is_counted_and_skipped(
    tmp_path: Path, *, is_camel: bool
) -> None:
    files = {"teams/t/messages_t.json": [said(1), said(2, "Ana")], **COMPANIONS}
    texts = {
        name: json.dumps(in_camel(records) if is_camel else records)
        for name, records in files.items()
    }
    reading = read(written(tmp_path, texts, POLICY))
    assert not reading.found.unclaimed
    (claim,) = reading.found.claims
    assert {file.name for file in claim.files} == set(files)
    assert reading.gathered.reasons["reason"].str.starts_with("companion").all()
    assert reading.gathered.reasons["rows"].sum() == len(COMPANIONS)
    assert reading.ordered.height == 2
