"""Mailboxes: what makes a message, when it was sent, who wrote it, and what it belongs to."""

from __future__ import annotations

import gzip
import mailbox
import re
import zipfile
from contextlib import closing
from dataclasses import replace
from datetime import UTC, datetime
from email import message_from_bytes
from email.utils import mktime_tz, parsedate_tz
from pathlib import Path
from typing import Any

import polars as pl
import pytest
from hypothesis import given
from hypothesis import strategies as st
from mails import box, instant, mail, reply, stamp
from polars.testing import assert_frame_equal

from kpiaudit.audit import Request
from kpiaudit.errors import ExportError
from kpiaudit.messages import conform
from kpiaudit.pipeline import read
from kpiaudit.readers import mail_boxes, mail_columns, mail_dates
from kpiaudit.search import find
from kpiaudit.settings import DEFAULT_SETTINGS, Us
from kpiaudit.sources.base import ExportFile, ReadSettings
from kpiaudit.sources.mbox import SOURCE

OURS = Us(domains=("fernweh.example",))
PLAIN = replace(DEFAULT_SETTINGS, us=OURS)
ENVELOPE = "From eva@mail.example Thu Sep 10 12:00:00 2026\n"


def request(folder: Path, us: Us = OURS, *, text: bool = False) -> Request:
    settings = replace(DEFAULT_SETTINGS, us=us)
    return Request((str(folder),), settings, all_columns=True, text=text)


def rows(
    folder: Path, us: Us = OURS, *, text: bool = False, time_zone: str | None = None
) -> pl.DataFrame:
    """Every row of the mail in a folder, with its role, in the order of its files."""
    claims = find(request(folder)).claims
    assert [claim.source.name for claim in claims] == ["mbox"]
    settings = ReadSettings(us=us, text=text, time_zone=time_zone)
    frame = SOURCE.read(claims[0].files, settings).collect()
    frame = conform(frame, SOURCE, us=us, where="here").frame
    return frame.with_columns(pl.col("export", "reject", "skip", "value").cast(pl.String))


def one(
    folder: Path,
    content: str,
    us: Us = OURS,
    *,
    text: bool = False,
    time_zone: str | None = None,
) -> dict[str, Any]:
    """The one row of a message in a file of its own."""
    (folder / "one.eml").write_text(content, "utf-8")
    found = rows(folder, us, text=text, time_zone=time_zone)
    assert found.height == 1
    return found.row(0, named=True)


def boxed(folder: Path, *mails: str, name: str = "Inbox.mbox") -> pl.DataFrame:
    (folder / name).write_text(box(mails), "utf-8")
    return rows(folder)


# ---- Every file somebody broke on purpose ----

EXAMPLE = Us(domains=("example.com", "nowhere.com", "me.nowhere", "lindsaar.net"))
TABLE = """
attachment_emails_attachment_content_disposition             2005-06-06 20:21:22 agent    human
attachment_emails_attachment_message_rfc822                  2005-06-06 20:21:22 agent    human
attachment_emails_attachment_nonascii_filename               2005-06-06 20:21:22 agent    human
attachment_emails_attachment_pdf                             2005-05-10 17:26:39 customer human
attachment_emails_attachment_pdf_non_ascii                   2005-05-10 17:26:39 customer human
attachment_emails_attachment_with_base64_encoded_name        2005-05-08 19:09:11 customer human
attachment_emails_attachment_with_quoted_filename            2009-05-13 15:42:01 customer human
error_emails_bad_date_header                                 2010-12-11 03:20:19 customer human
error_emails_bad_encoded_subject                             Date: missing
error_emails_cant_parse_from                                 2009-06-12 06:25:02 customer human
error_emails_content_transfer_encoding_empty                 2001-11-14 03:07:21 customer human
error_emails_content_transfer_encoding_qp_with_space         2004-11-07 21:23:56 customer human
error_emails_content_transfer_encoding_text-html             2005-05-06 11:55:01 customer human
error_emails_content_transfer_encoding_with_semi_colon       2005-06-30 04:57:10 customer human
error_emails_empty_group_lists                               2009-12-03 18:50:22 customer human
error_emails_encoding_madness                                2010-09-22 07:30:53 customer human
error_emails_invalid_subject_characters                      Date: missing
error_emails_missing_content_disposition                     2002-01-22 14:35:28 agent    human
error_emails_multiple_invalid_content_dispositions           Date: missing
error_emails_must_supply_encoding                            2010-11-14 17:41:44 customer human
error_emails_trademark_character_in_subject                  2010-10-12 20:20:24 customer human
mime_emails_email_with_similar_boundaries                    2012-04-06 01:01:01 customer human
mime_emails_raw_email12                                      2005-06-06 20:21:22 agent    human
mime_emails_raw_email4                                       2005-05-08 17:30:08 customer human
mime_emails_raw_email_encoded_stack_level_too_deep           2005-06-28 08:02:11 customer human
mime_emails_raw_email_with_illegal_boundary                  2007-10-21 09:38:13 agent    human
mime_emails_raw_email_with_multipart_mixed_quoted_boundary   2007-10-21 09:38:13 agent    human
mime_emails_raw_email_with_quoted_illegal_boundary           2007-10-21 09:38:13 agent    human
mime_emails_two_from_in_message                              2009-12-02 09:39:33 customer human
multi_charset_japanese_attachment                            2009-10-16 12:39:34 customer human
multi_charset_japanese_iso_2022                              Date: missing
multi_charset_ks_c_5601-1987                                 2014-05-28 08:18:19 agent    human
multipart_report_emails_multi_address_bounce2                2010-02-24 06:16:41 customer automatic
multipart_report_emails_report_422                           2008-01-16 16:40:52 customer automatic
plain_emails_basic_email                                     2008-11-22 04:04:59 agent    human
plain_emails_mix_caps_content_type                           2010-02-19 07:08:29 customer human
plain_emails_raw_email10                                     2005-05-10 20:27:03 customer human
plain_emails_raw_email6                                      2005-05-10 20:27:03 customer human
plain_emails_raw_email_bad_time                              2008-06-30 09:34:00 customer human
plain_emails_raw_email_incorrect_header                      2005-02-23 22:20:17 customer human
plain_emails_raw_email_quoted_with_0d0a                      2005-06-06 20:21:22 agent    human
plain_emails_raw_email_simple                                2007-10-21 09:38:13 agent    human
plain_emails_raw_email_trailing_dot                          2008-09-22 19:06:28 customer human
plain_emails_raw_email_with_bad_date                         2007-11-05 09:17:37 customer human
rfc2822_example01                                            1997-11-21 15:55:06 customer human
rfc2822_example03                                            2003-07-01 08:52:37 agent    human
rfc2822_example05                                            1997-11-21 15:55:06 customer human
rfc2822_example07                                            1997-11-21 17:00:00 customer human
rfc2822_example09                                            1997-11-21 15:55:06 customer human
rfc2822_example11                                            2003-07-01 08:52:37 agent    human
rfc2822_example13                                            1997-11-21 15:55:06 customer human
rfc6532_utf8_headers                                         Date: missing
"""
EXPECTED = dict(line.split(None, 1) for line in TABLE.strip().splitlines())


@pytest.mark.real_exports
def test_every_broken_message_has_the_date_role_and_flag_of_the_table(real_exports: Path) -> None:
    found = {
        row["export"].removesuffix(".eml"): row["reject"]
        or f"{row['sent_at']:%Y-%m-%d %H:%M:%S} {row['author_role']:<8} "
        + ("automatic" if row["is_automated"] else "human")
        for row in rows(real_exports / "eml", EXAMPLE).iter_rows(named=True)
    }
    assert found == EXPECTED


@pytest.mark.real_exports
def test_the_table_has_the_dates_the_standard_library_reads(real_exports: Path) -> None:
    read_by_it = {}
    for path in (real_exports / "eml").iterdir():
        date = str(message_from_bytes(path.read_bytes())["Date"] or "")
        parsed = parsedate_tz(date) if re.search(r" [+-]\d{4}\b| UT$", date) else None
        if parsed and parsed[0] < 2100:
            read_by_it[path.stem] = datetime.fromtimestamp(mktime_tz(parsed), UTC)
    assert len(read_by_it) > 35
    assert {name: EXPECTED[name][:19] for name in read_by_it} == {
        name: f"{at:%Y-%m-%d %H:%M:%S}" for name, at in read_by_it.items()
    }


# ---- What is a message ----


def test_a_body_that_quotes_an_envelope_is_one_message(tmp_path: Path) -> None:
    body = "He wrote:\n\nFrom 2015 on: all was well\nFrom Bob Thu Sep 10 12:00:00 2026\nand no header\n"
    (tmp_path / "a.mbox").write_text(
        f"{ENVELOPE}{mail(1, '10:00', body=body)}\n{ENVELOPE}{mail(2, '11:00')}"
    )
    assert rows(tmp_path)["message_id"].to_list() == ["m1@mail.example", "m2@mail.example"]


@pytest.mark.parametrize(
    "line",
    [
        "From eva@mail.example Thu Sep 10 12:00:00 2026",
        "From eva@mail.example  Thu Sep  3 12:00:00 2026",
        "From 1654953015393719153@xxx Thu Sep 10 12:00:00 +0000 2026",
        "From eva at mail.example  Thu Sep 10 12:00:00 2026",
        "From - Thu Sep 10 12:00:00 2026",
        "From MAILER-DAEMON Thu Sep 10 12:00 CEST 2026",
    ],
)
def test_every_envelope_parts_messages(tmp_path: Path, line: str) -> None:
    (tmp_path / "a.mbox").write_text(box([mail(1, "10:00"), mail(2, "11:00")], line))
    assert rows(tmp_path)["row"].to_list() == [1, 2]


@pytest.mark.parametrize("piece", [64, 1000, 4099])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_messages_are_those_the_standard_library_finds_whatever_the_pieces(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, piece: int, ending: str
) -> None:
    bodies = ["short\n", "x" * 5000 + "\n", "", "From here on\n\n\nFrom there\n", "\n\n\n"]
    mails = [mail(n, "10:00", body=bodies[n % 5]) for n in range(12)]
    path = tmp_path / "a.mbox"
    path.write_text(box(mails).replace("\n", ending), newline="")
    with closing(mailbox.mbox(path)) as standard:
        expected = [message["Message-ID"].strip("<>") for message in standard]
    monkeypatch.setattr(mail_boxes, "PIECE", piece)
    with path.open("rb") as stream:
        found = list(mail_boxes.mails(stream, bodies=True))
    assert len(expected) == 12
    assert rows(tmp_path)["message_id"].to_list() == expected
    assert [one.body.strip() for one in found if one.body is not None] == [
        text.replace("\nFrom ", "\n>From ")
        .split("\n\n", 1)[1]
        .replace("\n", ending)
        .strip()
        .encode()
        for text in mails
    ]


def test_zipped_gzipped_and_plain_boxes_say_the_same(tmp_path: Path) -> None:
    text = box([mail(1, "10:00"), reply(2, "11:00", 1)]).encode()
    for name in ("plain", "gzip", "zip"):
        (tmp_path / name).mkdir()
    (tmp_path / "plain" / "2026-09.mbox").write_bytes(text)
    (tmp_path / "gzip" / "2026-09.mbox.gz").write_bytes(gzip.compress(text))
    with zipfile.ZipFile(tmp_path / "zip" / "takeout.zip", "w") as archive:
        archive.writestr("Takeout/Mail/Alle Nachrichten.mbox", text)
    plain, *packed = (
        rows(tmp_path / name).drop("export", "file") for name in ("plain", "gzip", "zip")
    )
    assert plain["event"].to_list() == ["inbound", "outbound"]
    assert all(frame.equals(plain) for frame in packed)


def test_a_box_without_a_suffix_and_the_text_of_a_list_archive_are_found(tmp_path: Path) -> None:
    (tmp_path / "Inbox").write_text(box([mail(1, "10:00")]))
    (tmp_path / "Inbox.msf").write_text("not mail")
    (tmp_path / "LICENSE").write_text("Permission is granted: to all\n")
    obfuscated = mail(2, "11:00", "eva at mail.example (Eva Maier)")
    (tmp_path / "2026-September.txt").write_text(
        box([obfuscated], "From eva at mail.example  Thu Sep 10 12:00:00 2026")
    )
    found = rows(tmp_path)
    assert sorted(found["export"]) == ["2026-September.txt", "Inbox"]
    assert found["customer"].to_list() == ["eva@mail.example"] * 2


def test_a_maildir_is_read_with_its_dotted_folders(tmp_path: Path) -> None:
    for name, text in {
        "cur/1757498400.M1P2.host,S=1:2,S": mail(1, "10:00"),
        "new/1757502000.M1P3.host": mail(2, "11:00"),
        ".Sent/cur/1757505600.M1P4.host:2,RS": mail(
            3, "12:00", "someone@else.example", To="eva@mail.example"
        ),
        ".Drafts/cur/1757505601.M1P5.host:2,S": mail(4, "12:00"),
        "cur/1757505602.M1P6.host:2,DS": mail(5, "12:00"),
        "tmp/1757505603.M1P7.host": mail(6, "12:00"),
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text)
    found = rows(tmp_path).sort("message_id")
    assert found["message_id"].to_list() == [f"m{n}@mail.example" for n in (1, 2, 3, 4, 5)]
    assert found["skip"].to_list() == [None, None, None, "draft", "draft"]
    assert found["event"].to_list()[:3] == ["inbound", "inbound", "outbound"]


def test_a_file_called_mail_that_is_none_is_said(tmp_path: Path) -> None:
    (tmp_path / "one.eml").write_text("This is not a message.\n")
    with pytest.raises(ExportError, match="is no mail"):
        find(request(tmp_path))


def test_bodies_are_read_only_when_asked_for(tmp_path: Path) -> None:
    text = mail(
        1,
        "10:00",
        Subject="=?utf-8?q?Z=C3=A4lt?=",
        Content_Type="text/html",
        body="<p>Hi&amp;<b>bye</b></p>",
    )
    assert one(tmp_path, text)["text"] is None
    assert one(tmp_path, text, text=True)["text"] == "Zält\n\nHi& bye"


FRAGMENTS = [
    b"From ", b"\nFrom a@b Thu Sep 10 12:00:00 2026\n", b"\n\n", b"\r\n\r\n", b"\nDate: ", b"\nFrom: ", b"\nSubject: =?x?q?=",
    b"=?utf-8?B?####?=", b"\nMessage-ID: <", b">", b"(", b"\xff\xfe", b"\0", b"\nReferences: <a@b> <", b"\nReceived: by x; ",
    b"Thu, 10 Sep 2026 10:00:00 +0000", b'\nContent-Type: text/plain; charset="\xff"\n', b"eva@mail.example", b"\n ", b":",
    b"\nContent-Type: multipart/mixed; boundary=\n", b"\nX-Gmail-Labels: ", b"\nIn-Reply-To: ", b"\nTo: ",
]  # fmt: skip


@given(
    st.lists(st.sampled_from(FRAGMENTS) | st.binary(max_size=6), max_size=25),
    st.booleans(),
    st.booleans(),
)
def test_whatever_the_bytes_every_row_is_used_or_refused(
    pieces: list[bytes], is_box: bool, text: bool
) -> None:
    content = b"From a@b Thu Sep 10 12:00:00 2026\nSubject: x" + b"".join(pieces)
    file = ExportFile(Path("x"), "x", "mbox" if is_box else "eml", (), content=content)
    frame = SOURCE.read([file], ReadSettings(us=OURS, text=text)).collect()
    assert frame["row"].to_list() == list(range(1, frame.height + 1))
    assert is_box or frame.height == 1
    assert (
        (frame["sent_at"].is_null())
        == (frame["reject"].is_not_null() | frame["skip"].is_not_null())
    ).all()


LONG = 200_000


@pytest.mark.parametrize(
    "content",
    [
        "Date: Thu," + " " * LONG + "x\n\n", "From: " + "a" * LONG + "\n\n", "From: " + "<" * LONG + "\n\n",
        "Subject: " + "=?" * LONG + "\n\n", "References: " + "<a" * LONG + "\n\n", "To: " + "a at " * LONG + "\n\n",
        "\n\nFrom " + "1:11 2026 " * LONG + "x", "Content-Type: text/html\n\n" + "<script " * LONG,
        "Content-Type: text/html\n\n" + "<script>" * LONG, "A: b\n\n" + " " * LONG + "x" + "\n " * LONG + "x",
        "Message-ID: " + "(" * LONG + "\n\n",
    ],
)  # fmt: skip
def test_lines_made_to_be_read_for_hours_are_read(content: str) -> None:
    for kind in ("mbox", "eml"):
        text = ENVELOPE + "Subject: x\n" + content
        file = ExportFile(Path("x"), "x", kind, (), content=text.encode())
        frame = SOURCE.read([file], ReadSettings(us=OURS, text=True)).collect()
        assert frame["sent_at"].to_list() == [instant("12:00")]


def test_of_html_only_what_is_seen_is_text(tmp_path: Path) -> None:
    html = "<head><title>no</title></head><p>yes <!-- no <b>no</b> -->a&lt;b</p><style>no</style><script>no</script>!"
    text = mail(1, "10:00", Subject="", Content_Type="text/html", body=html)
    assert " ".join(one(tmp_path, text, text=True)["text"].split()) == "yes a<b !"


def test_what_is_read_at_once_is_what_is_read_value_by_value(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    senders = [
        "Eva <eva@mail.example>",
        "eva@mail.example",
        '"Maier, Eva" <Eva@Mail.example>',
        "<e.v+a@mail.example> ",
    ]
    mails = [
        mail(
            n,
            f"{1 + n} 10:0{n}",
            senders[n % 4],
            answers=" ".join(map(str, range(n % 3))),
            Subject=f"Tent = {n} ",
        )
        for n in range(9)
    ]
    (tmp_path / "a.mbox").write_text(box(mails))
    (tmp_path / "b.mbox").write_text(box(mails).replace("\n", "\r\n"), newline="")
    at_once = rows(tmp_path)
    never = re.compile(rb"(?!)")
    for name in ("SENDER", "OWN", "SIMPLE", "IDS"):
        monkeypatch.setattr(mail_columns, name, "^(\0nothing)$")
    monkeypatch.setattr(mail_dates, "USUAL", never)
    assert_frame_equal(at_once, rows(tmp_path))
    assert at_once["sent_at"].null_count() == 0


# ---- When ----


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("Thu, 10 Sep 2026 12:00:00 +0200", "10:00"),
        ("Thu, 10 Sep 2026 12:00:00 +0200 (CEST)", "10:00"),
        ("10 Sep 26 06:00:00 EDT", "10:00"),
        ("Thu, 10 Sep 2026 10:00:00 -0000", "10:00"),
        ("Thu, 10 Sep 2026 10:00 GMT", "10:00"),
        ("Thu, 10 Sep 2026 10:00:00 Z", "10:00"),
        ("Thu,\n 10 Sep 2026\n 10:00:00 +0000", "10:00"),
        ("Thursday, 10-Sep-26 10:00:00 UT", "10:00"),
        ("Thu, 10 Sep 2026 05:01:00 -0459", "10:00"),
    ],
)
def test_dates_are_read_as_the_rules_say(tmp_path: Path, date: str, expected: str) -> None:
    row = one(tmp_path, mail(1, None, Date=date))
    assert (row["sent_at"], row["doubt"]) == (instant(expected), None)


BAD_DATES = [
    "Wed, 15 Dec 2010    59:10 -0500", "Tue, 12 Oct 2010 16:21:05 H0500",
    "Pn, 29 paX 2007 21:13:00 +0100", "Mon, 30 Jun 3609 15:33:50 +0600", "Thu,",
    "May 8, 2005 1:17 PM", "8 May 2005 1:17 PM", "Thu, 10 Sep 2026 10:00:00",
    "Mon, 31 Feb 2026 10:00:00 +0000", "",
]  # fmt: skip


@pytest.mark.parametrize("date", BAD_DATES)
def test_a_date_that_is_none_gives_way_to_received_then_to_the_line_before(
    tmp_path: Path, date: str
) -> None:
    received = f"by a.example;\n {stamp('09:00')}\nReceived: by b.example; {stamp('08:00')}"
    row = one(tmp_path, mail(1, None, Date=date, Received=received))
    assert row["sent_at"] == instant("09:00")
    assert row["doubt"] == "Date missing or unreadable, Received used"
    row = one(tmp_path, ENVELOPE + mail(1, None, Date=date))
    assert row["sent_at"] == instant("12:00")
    assert row["doubt"].startswith("Date and Received missing or unreadable")


def test_the_topmost_received_counts_that_has_a_date(tmp_path: Path) -> None:
    received = f"from murder ([unix socket])\nReceived: by a.example; {stamp('09:00')}"
    assert one(tmp_path, mail(1, None, Received=received))["sent_at"] == instant("09:00")


@pytest.mark.parametrize(
    ("date", "rule"),
    [
        ("", "Date: missing"),
        ("Thu,", "Date: not a date"),
        ("Mon, 30 Jun 3609 15:33:50 +0600", "Date: outside 1990 to 2100"),
        ("Thu, 10 Sep 2026 10:00:00", "Date: no offset, set time_zone"),
    ],
)
def test_a_message_without_any_date_is_a_reject_with_its_rule(
    tmp_path: Path, date: str, rule: str
) -> None:
    row = one(tmp_path, mail(1, None, Date=date))
    assert (row["reject"], row["value"], row["sent_at"]) == (rule, date or None, None)


def test_a_date_without_an_offset_is_local_time_of_the_zone_named(tmp_path: Path) -> None:
    row = one(tmp_path, mail(1, None, Date="Thu, 10 Sep 2026 12:00:00"), time_zone="Europe/Berlin")
    assert (row["sent_at"], row["doubt"]) == (
        instant("10:00"),
        "Date without an offset, time_zone used",
    )


def test_inspect_counts_every_fallback(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_text(
        box([mail(1, None), mail(2, None), mail(3, "10:00"), mail(None, "11:00")])
    )
    doubts = read(request(tmp_path)).gathered.doubts
    assert {row[1].split(",")[0]: row[2] for row in doubts.rows()} == {
        "Date and Received missing or unreadable": 2,
        "Message-ID missing": 1,
    }


# ---- Automatic or human ----


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: auto-replied", "Auto-Submitted: auto-generated (failure)",
        'auto-submitted: auto-notified; owner-email="a@b"', "X-Autoreply: yes", "X-Autorespond: Re: Tent",
        "X-Autoresponder: x", "X-Autoreply-From: a@b.example", "X-Mail-Autoreply: true",
        "Precedence: auto_reply", "X-Precedence: auto_reply", "Return-Path: <>",
        "Content-Type: multipart/report; report-type=delivery-status", "X-Failed-Recipients: a@b.example",
        "Delivered-To: a@b.example\nDelivered-To: Autoresponder",
    ],
)  # fmt: skip
def test_what_says_it_is_automatic_is(tmp_path: Path, field: str) -> None:
    assert one(tmp_path, field + "\n" + mail(1, "10:00"))["is_automated"] is True


@pytest.mark.parametrize(
    "field",
    [
        "Auto-Submitted: no", "Auto-Submitted: No (a human)", "X-Autoreply: no", "Precedence: bulk", "Precedence: list",
        "Precedence: junk", "List-Id: <users.list.example>", "X-Auto-Response-Suppress: All",
        "Return-Path: <eva@mail.example>", "Delivered-To: support@fernweh.example", "X-Loop: a",
        "List-Unsubscribe: <mailto:x@y.example>",
    ],
)  # fmt: skip
def test_what_humans_mail_carries_too_is_no_mark(tmp_path: Path, field: str) -> None:
    assert one(tmp_path, field + "\n" + mail(1, "10:00"))["is_automated"] is False


@pytest.mark.parametrize("sender", ["MAILER-DAEMON@mail.example", "Post <postmaster@mail.example>"])
def test_mail_servers_are_no_humans(tmp_path: Path, sender: str) -> None:
    assert one(tmp_path, mail(1, "10:00", sender))["is_automated"] is True


def test_the_subject_of_an_auto_reply_is_told_and_decides_nothing(tmp_path: Path) -> None:
    row = one(tmp_path, mail(1, "10:00", Subject="Automatische Antwort: Tent"))
    assert row["is_automated"] is False
    assert row["doubt"].startswith("Subject of an automatic reply")


# ---- Who ----


@pytest.mark.parametrize(
    ("sender", "to", "expected"),
    [
        ("Ana <ana@fernweh.example>", "eva@mail.example", ("outbound", "agent")),
        ("ANA@Berlin.Fernweh.Example", "eva@mail.example", ("outbound", "agent")),
        ("ana@notfernweh.example", "support@fernweh.example", ("inbound", "customer")),
        ('"ana@fernweh.example" <eva@mail.example>', "support@fernweh.example", ("inbound", "customer")),
        ("=?utf-8?q?J=C3=B6rg?= <joerg@mail.example>", "support@fernweh.example", ("inbound", "customer")),
        ("ana@fernweh.example", "ben@fernweh.example", ("note", "agent")),
        ("ana@fernweh.example", "Ben <ben@fernweh.example>, Eva <eva@mail.example>", ("outbound", "agent")),
        ("ana@fernweh.example", "", ("outbound", "agent")),
        ("", "support@fernweh.example", ("inbound", "unknown")),
        ("bot@fernweh.example", "eva@mail.example", ("outbound", "bot")),
    ],
)  # fmt: skip
def test_roles_by_our_addresses_and_domains(
    tmp_path: Path, sender: str, to: str, expected: tuple[str, str]
) -> None:
    row = one(
        tmp_path, mail(1, "10:00", sender, To=to), replace(OURS, bots=("bot@fernweh.example",))
    )
    assert (row["event"], row["author_role"]) == expected


def test_what_we_write_to_our_own_list_is_no_note(tmp_path: Path) -> None:
    text = mail(
        1,
        "10:00",
        "ana@fernweh.example",
        To="users@fernweh.example",
        List_Id="<users.fernweh.example>",
    )
    row = one(tmp_path, text)
    assert (row["event"], row["visibility"]) == ("outbound", "unknown")


def test_without_us_and_without_sent_mail_the_question_is_asked(tmp_path: Path) -> None:
    (tmp_path / "a.mbox").write_text(box([mail(1, "10:00"), reply(2, "11:00", 1)]))
    with pytest.raises(ExportError, match="does not say who is us"):
        rows(tmp_path, Us())


def test_a_policy_that_names_only_handles_does_not_make_everybody_a_customer(
    tmp_path: Path,
) -> None:
    row = one(tmp_path, mail(1, "10:00"), Us(accounts=("FernwehHelp",)))
    assert (row["reject"], row["value"]) == ("author: who is us, set [us]", "eva@mail.example")


@pytest.mark.parametrize(
    "folder", ["Sent.mbox", "Gesendete Elemente.mbox", ".Sent/cur/1:2,S", "INBOX.Sent/cur/2:2,S"]
)
def test_the_folder_of_sent_mail_says_who_is_us(tmp_path: Path, folder: str) -> None:
    path = tmp_path / folder
    path.parent.mkdir(parents=True, exist_ok=True)
    sent = reply(2, "11:00", 1)
    path.write_text(box([sent]) if path.suffix == ".mbox" else sent)
    (tmp_path / "Inbox.mbox").write_text(box([mail(1, "10:00"), reply(3, "12:00", 1)]))
    found = rows(tmp_path, Us()).sort("sent_at")
    assert found["event"].to_list() == ["inbound", "outbound", "outbound"]


def test_a_message_called_sent_lies_in_no_folder_of_sent_mail(tmp_path: Path) -> None:
    (tmp_path / "Sent.eml").write_text(mail(1, "10:00"))
    assert rows(tmp_path)["event"].to_list() == ["inbound"]


# ---- Gmail ----


def test_takeout_labels_threads_and_chats(tmp_path: Path) -> None:
    line = "From 1654953015393719153@xxx Thu Sep 10 12:00:00 +0000 2026"
    mails = [
        mail(1, "10:00", X_GM_THRID="77", X_Gmail_Labels="Inbox,Opened,Category Personal"),
        reply(2, "11:00", X_GM_THRID="77", X_Gmail_Labels="=?UTF-8?Q?Gesendet,Ge=C3=B6ffnet?="),
        reply(3, "11:30", 1, X_GM_THRID="78", X_Gmail_Labels="Sent"),
        mail(None, None, "", X_GM_THRID="79", X_Gmail_Labels="Chat"),
        mail(5, "12:00", X_GM_THRID="80", X_Gmail_Labels="Spam,Unread"),
        mail(6, "12:00", X_GM_THRID="81", X_Gmail_Labels="=?UTF-8?Q?Entw=C3=BCrfe?="),
    ]
    (tmp_path / "All mail.mbox").write_text(box(mails, line))
    found = rows(tmp_path, Us())
    assert found["conversation_id"].to_list()[:3] == ["77", "77", "78"]
    assert found["event"].to_list()[:3] == ["inbound", "outbound", "outbound"]
    assert found["skip"].to_list() == [None, None, None, "chat", "spam", "draft"]
    assert found["reject"].null_count() == 6
    assert found["tags"].to_list()[1] == ["Gesendet", "Geöffnet"]


# ---- Conversations ----


def threads(found: pl.DataFrame) -> list[list[str]]:
    """The numbers of the messages of each conversation."""
    grouped = found.group_by("conversation_id").agg(
        pl.col("message_id").str.extract(r"m(\d+)@").sort()
    )
    return sorted(grouped["message_id"].to_list())


def test_references_join_across_a_message_that_is_missing(tmp_path: Path) -> None:
    found = boxed(
        tmp_path, reply(3, "12:00", 1, 2), mail(4, "13:00", answers="1 2"), mail(5, "14:00")
    )
    assert threads(found) == [["3", "4"], ["5"]]
    assert found["is_partial"].to_list() == [True, True, False]


def test_in_reply_to_with_prose_joins_and_an_address_in_it_does_not(tmp_path: Path) -> None:
    prose = 'Message from Eva <eva@mail.example> of "Thu, 10 Sep 2026" <m1@mail.example>'
    other = 'Message from Eva <eva@mail.example> of "Thu, 10 Sep 2026" <m2@mail.example>'
    found = boxed(
        tmp_path,
        mail(1, "10:00"),
        mail(2, "10:30", Subject="Boat"),
        mail(3, "11:00", "ana@fernweh.example", To="eva@mail.example", In_Reply_To=prose),
        mail(4, "11:30", "ana@fernweh.example", To="eva@mail.example", In_Reply_To=other),
    )
    assert threads(found) == [["1", "3"], ["2", "4"]]


@pytest.mark.parametrize(
    "prefix", ["Re: ", "AW: ", "RE[2]: ", "[desk] Re: ", "Fwd: ", "SV: [desk] "]
)
def test_an_answer_without_ids_joins_by_subject_where_it_is_one(
    tmp_path: Path, prefix: str
) -> None:
    found = boxed(
        tmp_path,
        mail(1, "10:00", Subject="Tent  torn"),
        mail(2, "10:10", "max@mail.example", Subject="Tent torn"),
        mail(
            3, "11:00", "ana@fernweh.example", To="eva@mail.example", Subject=f"{prefix}tent torn"
        ),
    )
    alone = [["1"], ["2"], ["3"]]
    assert threads(found) == (alone if prefix == "Fwd: " else [["1", "3"], ["2"]])


def test_a_conversation_goes_by_its_first_message_whatever_the_order(tmp_path: Path) -> None:
    mails = [
        reply(2, "11:00", 1),
        mail(1, "10:00"),
        mail(3, "12:00", answers="1 2", Subject="Other"),
    ]
    found = boxed(tmp_path, *mails)
    assert set(found["conversation_id"]) == {"m1@mail.example"}
    assert not found["is_partial"].any()


# ---- Copies ----


def figures(folder: Path) -> list[tuple[Any, ...]]:
    """The messages used, without their places."""
    ordered = read(request(folder)).ordered
    columns = ["conversation_id", "message_id", "sent_at", "event", "is_automated", "is_partial"]
    return ordered.select(columns).sort(columns).rows()


def test_a_month_in_three_archives_gives_the_figures_of_one(tmp_path: Path) -> None:
    month = [
        mail(1, "1 10:00", List_Id="<users.list.example>"),
        reply(2, "1 11:00", 1, Precedence="bulk"),
        mail(3, "2 09:00", "max@mail.example", Subject="Boat"),
        mail(None, "3 09:00", "max@mail.example", Subject="No id"),
        reply(4, "4 09:00", 3, Subject="Re: Boat", To="max@mail.example"),
        mail(1, "1 10:00", List_Id="<users.list.example>"),
        mail(5, "5 09:00", answers="99", Subject="From here"),
    ]
    dressed = {
        "apache.mbox": box(month, "From eva@mail.example Wed Sep  2 10:11:12 2026"),
        "pony.mbox": box(
            [
                "Received: by pony.example;\n " + stamp("6 10:00") + "\nX-Pony: 1\n" + one
                for one in reversed(month)
            ],
            "From dev-return-1@list.example Wed Sep 02 10:11:12 2026",
        ).replace("\n", "\r\n"),
        "mailman.txt": box(
            [one.replace("Message-ID", "Message-Id").replace("X-", "x-") for one in month],
            "From eva at mail.example  Wed Sep  2 10:11:12 2026",
        ),
    }
    told = {}
    for name, text in dressed.items():
        for folder in (tmp_path / name.partition(".")[0], tmp_path / "together"):
            folder.mkdir(exist_ok=True)
            (folder / name).write_text(text, newline="")
        told[name] = figures(tmp_path / name.partition(".")[0])
    assert [len(rows) for rows in told.values()] == [6, 6, 6]
    assert told["apache.mbox"] == told["pony.mbox"] == told["mailman.txt"]
    assert figures(tmp_path / "together") == told["apache.mbox"]
    counts = read(request(tmp_path / "together")).gathered.counts
    assert (counts["rows"].sum(), counts["used"].sum(), counts["duplicate"].sum()) == (21, 6, 15)
