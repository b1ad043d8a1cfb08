from __future__ import annotations

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest

from kpiaudit.errors import ExportError
from kpiaudit.exports.looking import look
from kpiaudit.readers.configured import source_for
from kpiaudit.settings import ColumnMapping, Join, SourceMapping
from kpiaudit.sources.base import ExportFile, ReadSettings

CRM = {
    "conversation_id": ColumnMapping("Case"),
    "sent_at": ColumnMapping("When", format="%d/%m/%Y %H:%M", time_zone="Europe/Berlin"),
    "event": ColumnMapping("Dir", values={"IN": "inbound", "OUT": "outbound"}),
    "channel": ColumnMapping(constant="email"),
}
ISO = {
    "conversation_id": ColumnMapping("case.id"),
    "sent_at": ColumnMapping("at"),
    "event": ColumnMapping("kind"),
}
SUMO_QUESTIONS = SourceMapping(
    "sumo_questions",
    "*-questions.csv",
    {
        "conversation_id": ColumnMapping("id"),
        "message_id": ColumnMapping("id"),
        "sent_at": ColumnMapping("created", format="%Y-%m-%d %H:%M:%S %z"),
        "event": ColumnMapping(constant="inbound"),
        "customer": ColumnMapping("creator"),
        "channel": ColumnMapping(constant="forum"),
    },
    instance="sumo",
)
SUMO_ANSWERS = SourceMapping(
    "sumo_answers",
    "*-answers.csv",
    {
        "conversation_id": ColumnMapping("question_id"),
        "message_id": ColumnMapping("id"),
        "sent_at": ColumnMapping("created", format="%Y-%m-%d %H:%M:%S %z"),
        "event": ColumnMapping(
            "creator",
            same_as="questions.creator",
            values={"true": "inbound", "false": "outbound"},
        ),
        "agent": ColumnMapping("creator"),
    },
    instance="sumo",
    joins=(Join("questions", "*-questions.csv", "question_id", "id"),),
)
QUESTIONS = (
    "id,created,updated,title,creator\n"
    '10,2026-03-02 08:00:00 +0000,x,"My mail, gone",mia\n'
    "11,2026-03-02 10:00:00 +0200,x,Help,noa\n"
)
ANSWERS = (
    "id,question_id,created,updated,content,creator\n"
    '1,10,2026-03-02 08:30:00 +0000,x,"<p>Did you\nrestart?</p>",helper\n'
    "2,10,2026-03-02 09:00:00 +0000,x,yes,mia\n"
    "3,12,2026-03-02 09:30:00 +0000,x,hello,helper\n"
)


def export(folder: Path, name: str, text: str) -> ExportFile:
    path = folder / name
    path.write_text(text, encoding="utf-8", newline="")
    file = look(path, name)
    assert file is not None
    return file


def read(
    mapping: SourceMapping,
    *files: ExportFile,
    time_zone: str | None = None,
    text: bool = False,
    careful: bool = False,
) -> list[dict[str, Any]]:
    settings = ReadSettings(time_zone=time_zone, text=text, careful=careful)
    return source_for(mapping).read(files, settings).collect().sort("export", "row").to_dicts()


def only(mapping: dict[str, ColumnMapping], **more: ColumnMapping) -> SourceMapping:
    return SourceMapping("our_crm", "crm*", mapping | more, instance="crm")


def test_columns_constants_words_and_dates_follow_the_mapping(tmp_path: Path) -> None:
    file = export(tmp_path, "crm.csv", "Case;Dir;When\n4;IN;31/03/2026 09:15\n")
    (row,) = read(only(CRM), file)
    assert row == {
        "export": "crm.csv",
        "row": 1,
        "conversation_id": "4",
        "sent_at": datetime(2026, 3, 31, 7, 15, tzinfo=UTC),
        "event": "inbound",
        "channel": "email",
        "reject": None,
        "value": None,
    }


def test_the_source_bears_the_name_of_the_mapping_and_its_instance() -> None:
    source = source_for(only(CRM))
    assert (source.name, source.system) == ("our_crm", "crm")
    assert source.shapes["messages"].columns == {"Case", "When", "Dir"}


def test_an_unlisted_word_is_a_reject_that_names_it(tmp_path: Path) -> None:
    file = export(
        tmp_path, "crm.csv", "Case,Dir,When\n4,SIDEWAYS,31/03/2026 09:15\n5,,31/03/2026 09:15\n"
    )
    assert [(r["reject"], r["value"]) for r in read(only(CRM), file)] == [
        ("event: unknown word", "SIDEWAYS"),
        ("event: missing", None),
    ]


def test_an_empty_cell_of_another_vocabulary_is_null(tmp_path: Path) -> None:
    file = export(tmp_path, "crm.csv", "Case,Dir,When,P\n4,IN,31/03/2026 09:15,\n")
    mapping = only(CRM, priority=ColumnMapping("P", values={"1": "urgent"}))
    (row,) = read(mapping, file)
    assert (row["priority"], row["reject"]) == (None, None)


def test_unlisted_words_of_open_columns_pass_through(tmp_path: Path) -> None:
    text = "Case,Dir,When,S\n4,IN,31/03/2026 09:15,Erledigt\n5,IN,31/03/2026 09:15,neu\n"
    mapping = only(CRM, status=ColumnMapping("S", values={"Erledigt": "resolved"}))
    found = read(mapping, export(tmp_path, "crm.csv", text))
    assert [row["status"] for row in found] == ["resolved", "neu"]


def test_stars_tags_and_seconds_are_read(tmp_path: Path) -> None:
    text = "Case,Dir,When,Stars,Tags,Secs\n4,IN,31/03/2026 09:15,3,a|b,90.5\n"
    mapping = only(
        CRM,
        rating=ColumnMapping("Stars", values={"1": "0", "3": "0.5", "5": "1"}),
        tags=ColumnMapping("Tags", separator="|"),
        handle_time=ColumnMapping("Secs"),
    )
    (row,) = read(mapping, export(tmp_path, "crm.csv", text))
    assert (row["rating"], row["tags"], row["handle_time"]) == (
        0.5,
        ["a", "b"],
        timedelta(seconds=90, milliseconds=500),
    )


def test_a_missing_column_is_named_with_the_nearest_there_is(tmp_path: Path) -> None:
    file = export(tmp_path, "crm.csv", "Cases,Dir,When\n4,IN,31/03/2026 09:15\n")
    with pytest.raises(ExportError) as problem:
        read(only(CRM), file)
    assert str(problem.value) == (
        "crm.csv: has no column 'Case', which [sources.our_crm] maps; did you mean 'Cases'?"
    )


def test_dates_without_offset_need_a_zone(tmp_path: Path) -> None:
    file = export(tmp_path, "crm.csv", "Case,Dir,When\n4,IN,31/03/2026 09:15\n")
    mapping = only(CRM, sent_at=ColumnMapping("When", format="%d/%m/%Y %H:%M"))
    with pytest.raises(ExportError, match="no time_zone is named"):
        read(mapping, file)
    (row,) = read(mapping, file, time_zone="UTC")
    assert row["sent_at"] == datetime(2026, 3, 31, 9, 15, tzinfo=UTC)


RECORDS = [
    {"case": {"id": 4}, "at": "2026-03-02T12:00:00Z", "kind": "inbound"},
    {"case": {"id": 4}, "at": "2026-03-02T13:00:00Z", "kind": "outbound"},
]


@pytest.mark.parametrize("careful", [False, True])
@pytest.mark.parametrize(
    ("name", "text", "records"),
    [
        ("crm.json", json.dumps(RECORDS), None),
        ("crm.json", json.dumps({"page": {"list": RECORDS}, "next": None}), "page.list"),
        ("crm.ndjson", "\n".join(json.dumps(record) for record in RECORDS), None),
    ],
)
def test_nested_keys_are_reached_by_dotted_path(
    tmp_path: Path, name: str, text: str, records: str | None, careful: bool
) -> None:
    mapping = SourceMapping("our_crm", "crm*", ISO, records=records)
    found = read(mapping, export(tmp_path, name, text), careful=careful)
    assert [(r["conversation_id"], r["event"], r["row"], r["reject"]) for r in found] == [
        ("4", "inbound", 1, None),
        ("4", "outbound", 2, None),
    ]


def test_a_truncated_array_gives_its_whole_records_and_one_reject(tmp_path: Path) -> None:
    whole = json.dumps(RECORDS)
    mapping = SourceMapping("our_crm", "crm*", ISO)
    found = read(mapping, export(tmp_path, "crm.json", whole[: whole.rindex("outbound")]))
    assert [(row["row"], row["event"]) for row in found] == [(1, "inbound"), (2, None)]
    assert found[1]["reject"] == "the file is cut off inside this record"


def test_a_json_file_without_a_required_key_is_refused(tmp_path: Path) -> None:
    file = export(tmp_path, "crm.json", json.dumps([{"case": {"no": 1}, "at": "x", "kind": "y"}]))
    with pytest.raises(ExportError, match=r"has no column 'case\.id'"):
        read(SourceMapping("our_crm", "crm*", ISO), file)


def test_forum_answers_know_the_asker_by_the_question_they_join(tmp_path: Path) -> None:
    questions = export(tmp_path, "1-questions.csv", QUESTIONS)
    answers = export(tmp_path, "1-answers.csv", ANSWERS)
    asked = read(SUMO_QUESTIONS, questions)
    assert [(r["conversation_id"], r["event"], r["sent_at"].hour) for r in asked] == [
        ("10", "inbound", 8),
        ("11", "inbound", 8),
    ]
    told = read(SUMO_ANSWERS, questions, answers)
    assert [(r["export"], r["row"], r["event"], r["skip"], r["reject"]) for r in told] == [
        ("1-answers.csv", 1, "outbound", None, None),
        ("1-answers.csv", 2, "inbound", None, None),
        ("1-answers.csv", 3, None, None, "event: no such question_id in questions"),
        ("1-questions.csv", 1, None, "companion: questions", None),
        ("1-questions.csv", 2, None, "companion: questions", None),
    ]
    assert told[2]["value"] == "12"
    assert source_for(SUMO_ANSWERS).system == source_for(SUMO_QUESTIONS).system


def test_the_first_row_of_a_key_is_looked_up_and_the_next_one_refused(tmp_path: Path) -> None:
    answers = export(tmp_path, "1-answers.csv", ANSWERS)
    one = export(tmp_path, "1-questions.csv", QUESTIONS)
    two = export(
        tmp_path,
        "2-questions.csv",
        "id,created,updated,title,creator\n10,2026-03-02 08:00:00 +0000,x,,helper\n12,x,x,x,tom\n",
    )
    for order in ((answers, one, two), (two, one, answers)):
        told = read(SUMO_ANSWERS, *order)
        assert [r["event"] for r in told[:3]] == ["outbound", "inbound", "outbound"]
        assert [(r["export"], r["row"], r["value"]) for r in told if r["reject"]] == [
            ("2-questions.csv", 1, "10")
        ]


def test_a_key_the_companion_lacks_leaves_an_optional_column_empty(tmp_path: Path) -> None:
    users = export(tmp_path, "users.csv", "id,name\n7,Ana\n")
    crm = export(
        tmp_path,
        "crm.csv",
        "Case,Dir,When,By\n4,OUT,31/03/2026 09:15,7\n4,OUT,31/03/2026 09:16,8\n",
    )
    mapping = SourceMapping(
        "our_crm",
        "crm.csv",
        CRM | {"agent": ColumnMapping("users.name")},
        joins=(Join("users", "users.csv", "By", "id"),),
    )
    found = read(mapping, crm, users)
    assert [(r["agent"], r["reject"]) for r in found[:2]] == [("Ana", None), (None, None)]


def test_a_join_without_its_file_is_an_error(tmp_path: Path) -> None:
    with pytest.raises(ExportError) as problem:
        read(SUMO_ANSWERS, export(tmp_path, "1-answers.csv", ANSWERS))
    assert str(problem.value) == "sources.sumo_answers: no file for its join 'questions'"


def test_every_record_of_every_file_has_its_row(tmp_path: Path) -> None:
    ragged = QUESTIONS + "13,2026-03-02 10:00:00 +0200\n"
    questions = export(tmp_path, "1-questions.csv", ragged)
    answers = export(tmp_path, "1-answers.csv", ANSWERS + "9,9\n")
    told = read(SUMO_ANSWERS, questions, answers)
    assert [(r["export"], r["row"]) for r in told] == [
        *(("1-answers.csv", row) for row in (1, 2, 3, 4)),
        *(("1-questions.csv", row) for row in (1, 2, 3)),
    ]
    assert [r["reject"] for r in told if r["reject"] and "ragged" in r["reject"]] == [
        "ragged row: 2 fields, 6 expected",
        "ragged row: 2 fields, 5 expected",
    ]


def test_bodies_of_json_are_read_only_when_wanted(tmp_path: Path) -> None:
    file = export(tmp_path, "crm.json", json.dumps([record | {"body": "Hi"} for record in RECORDS]))
    mapping = SourceMapping("our_crm", "crm*", ISO | {"text": ColumnMapping("body")})
    assert "text" not in read(mapping, file)[0]
    assert read(mapping, file, text=True)[0]["text"] == "Hi"
