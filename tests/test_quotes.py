"""Messages are quoted only where asked for, and tell nobody's number, address or name."""

from __future__ import annotations

import json
import stat
import zipfile
from pathlib import Path

import pytest
from commands import kpiaudit, messages

from kpiaudit.redaction import SHOWN, People, pieces, redacted, unspaced

HEADER = "conversation_id,message_id,sent_at,event,channel,agent,customer,text"
NEAR = pieces(["Ana Díaz", "ben@example.com"])
FAR = pieces(["Will Stone", "kim_lee", "田中", "Bo Li"])
PEOPLE = People(NEAR, FAR, unspaced(NEAR | FAR))


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("order 12345, room 123", "order [number], room 123"),
        ("card 4111 1111-1111.1111!", "card [number]!"),
        ("call +49 (0)30 1234-567 or 030/123456", "call [phone] or [phone]"),
        ("mail kim.lee+x@mail.example.org now", "mail [e-mail] now"),
        ("see https://x.example/t?id=12345&n=Ana or www.x.example", "see [url] or [url]"),
        ("HTTP://X.EXAMPLE/a", "[url]"),
        ("thanks @kim_lee and @Ana!", "thanks [handle] and [handle]!"),
        (
            "from moss_and_maps18, north.by.nora73 or bergab25.",
            "from [handle], [handle] or [handle].",
        ),
        ("a 30 cm tent, FW-7, e-mail, A4 and 10m", "a 30 cm tent, FW-7, e-mail, A4 and 10m"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN [iban]."),
        ("gb29nwbk60161331926819", "[iban]"),
        ("thanks ana", "thanks [name]"),
        ("Ana Díaz told me", "[name] told me"),
        ("ANA DIAZ'S answer, anas answer", "[name]'S answer, [name] answer"),
        ("Ben said", "[name] said"),
        ("will you send a stone to Kim?", "will you send a stone to [name]?"),
        ("ask will stone, Stone or WILL", "ask [name], [name] or [name]"),
        ("from bo li", "from [name]"),
        ("昨日田中さんに電話", "昨日[name]さんに電話"),
        ("two\n\n lines\x00", "two lines\x00"),
        ("the banana from 2 to 3", "the banana from 2 to 3"),
    ],
)
def test_what_tells_who_it_is_is_replaced(text: str, expected: str) -> None:
    assert redacted(text, PEOPLE) == expected


def test_a_placeholder_is_no_name() -> None:
    known = pieces(["Mail Handle", "Number Url"])
    assert redacted("a@b.example 12345", People(known, known)) == "[e-mail] [number]"


def test_a_long_message_is_cut_between_words_and_no_number_shows_its_half() -> None:
    shown = redacted("word " * 55 + "1234567890 " * 400, PEOPLE)
    assert len(shown) <= SHOWN + 2
    assert shown.endswith("word …")
    assert not set(redacted("x " * 1998 + "123 4567890", PEOPLE)) & set("0123456789")


def desk(folder: Path) -> Path:
    """Late to Kim and to Lou, on time to Max; Kim writes twice before Ana answers, and once after."""
    return messages(
        folder / "desk.csv",
        [
            "1,1,2026-09-01T10:00:00Z,inbound,email,,Kim Lee,Parcel 99887 is lost says Max Moor",
            "1,2,2026-09-01T10:10:00Z,inbound,email,,Kim Lee,I am Kim; kim@example.com",
            "1,3,2026-09-01T13:00:00Z,outbound,email,Ana Diaz,Kim Lee,Dear Kim SECRET",
            "1,4,2026-09-01T13:05:00Z,inbound,email,,Kim Lee,thanks ana",
            "2,5,2026-09-01T10:00:00Z,inbound,email,,Lou,delivery to lou please",
            "2,6,2026-09-01T12:00:00Z,outbound,email,Ana Diaz,Lou,done",
            "3,7,2026-09-01T10:00:00Z,inbound,email,,Max Moor,a parcel for me",
            "3,8,2026-09-01T10:05:00Z,outbound,email,Ana Diaz,Max Moor,done",
        ],
        header=HEADER,
    )


def rules(folder: Path) -> Path:
    path = folder / "policy.toml"
    path.write_text(
        '[[sla]]\nname = "fast"\nmetric = "first_response"\ntarget = "1h"\ngoal = "95%"\n'
        "[categories]\nparcels = { text = '(?i)parcel' }\nthanks = { text = 'never' }\n"
    )
    return path


def test_a_breach_is_quoted_from_its_start_to_its_stop_and_a_category_by_conversation(
    tmp_path: Path,
) -> None:
    line = ["report", str(desk(tmp_path)), "-c", str(rules(tmp_path)), "--format", "json"]
    found = json.loads(kpiaudit(*line, "--quotes", "5").out)
    told = [
        (q["kind"], q["of"], q["conversation_id"], q["row"], q["text"]) for q in found["quotes"]
    ]
    assert told == [
        ("breach", "fast", "1", 1, "Parcel [number] is lost says [name]"),
        ("breach", "fast", "1", 2, "I am [name]; [e-mail]"),
        ("breach", "fast", "2", 5, "delivery to [name] please"),
        ("category", "parcels", "1", 1, "Parcel [number] is lost says [name]"),
        ("category", "parcels", "3", 7, "a parcel for me"),
        ("category", "other", "2", 5, "delivery to [name] please"),
        ("category", "other", "1", 2, "I am [name]; [e-mail]"),
    ]
    one = json.loads(kpiaudit(*line, "--quotes", "1").out)["quotes"]
    rows = [(q["of"], q["row"]) for q in one]
    assert rows == [("fast", 1), ("fast", 5), ("parcels", 1), ("other", 5)]
    figures = json.loads(kpiaudit(*line).out)
    assert "quotes" not in figures
    assert figures["slas"] == found["slas"]


def test_every_kind_of_report_quotes_and_says_so_and_none_unless_asked(tmp_path: Path) -> None:
    line = ["report", str(desk(tmp_path)), "-c", str(rules(tmp_path))]
    outs = {kind: tmp_path / f"r.{kind}" for kind in ("html", "md", "json")}
    files = [f"-o{path}" for path in outs.values()]
    plain = [kpiaudit(*line, *files).out, *(path.read_text() for path in outs.values())]
    assert not [text for text in plain if "is lost" in text or "delivery to" in text]
    assert all("no message text" in text for text in plain)
    quoted = kpiaudit(*line, *files, "--quotes", "2").out
    for text in (quoted, *(path.read_text() for path in outs.values())):
        assert "is lost says" in text
        assert "delivery to" in text
        assert "no message text" not in text
        assert "redacted as well as can be told" in " ".join(text.split())
        assert not [word for word in ("99887", "kim@", "SECRET", "I am Kim") if word in text]
    assert {stat.S_IMODE(path.stat().st_mode) for path in outs.values()} == {0o600}


def test_a_bundle_holds_no_quote(tmp_path: Path) -> None:
    bundle = tmp_path / "e.zip"
    line = ["report", str(desk(tmp_path)), "--no-config", "--quotes", "2"]
    ran = kpiaudit(*line, "--evidence", bundle)
    assert (ran.code, "is lost" in ran.out) == (0, True)
    with zipfile.ZipFile(bundle) as held:
        assert not [name for name in held.namelist() if b"is lost" in held.read(name)]
    assert kpiaudit("verify", bundle, desk(tmp_path)).code == 0


def test_quotes_are_refused_where_nobody_goes_by_name(tmp_path: Path) -> None:
    ran = kpiaudit("report", desk(tmp_path), "--no-config", "--quotes", "1", "--pseudonymize")
    assert (ran.code, ran.out) == (2, "")
    assert "--quotes" in ran.first
