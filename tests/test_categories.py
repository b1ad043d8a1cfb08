"""Categories: the first rule that matches, on text, tag and field, as a dimension and in the report."""

from __future__ import annotations

import json
import re
from collections import Counter
from dataclasses import replace
from operator import itemgetter
from pathlib import Path
from random import Random
from typing import TYPE_CHECKING

import pytest
from audits import clocks, of, report, sla, written
from builders import canonical_csv, timeline
from commands import kpiaudit

from kpiaudit.pipeline import read

if TYPE_CHECKING:
    from builders import Row

    from kpiaudit.audit import Request
    from kpiaudit.report import CategoryHits

EACH = sla("each", "every_response", "1h")
RULES = """
[categories]
delivery = { text = '(?i)parcel|deliver' }
billing  = { text = '(?i)invoice' }
vip      = { tag = ["vip", "gold"] }
web      = { field = "Web" }
"""


def of_talks(folder: Path, *talks: tuple[str, ...], rules: str = RULES) -> Request:
    rows = [row for name, *said in talks for row in timeline(name, *said)]
    return written(folder, {"m.csv": canonical_csv(rows)}, EACH + rules)


def categories(request: Request) -> list[tuple[str, str | None]]:
    """Conversation and category of every row, in order."""
    ordered = read(request).ordered
    return list(
        zip(
            ordered["conversation_id"].cast(str),
            ordered["category"].cast(str),
            strict=True,
        )
    )


def hits(request: Request) -> list[tuple[str, int, int, int]]:
    found: tuple[CategoryHits, ...] = report(request).categories
    return [(hit.category, hit.matched, hit.messages, hit.conversations) for hit in found]


def test_the_first_rule_that_matches_wins_and_the_rest_is_other(tmp_path: Path) -> None:
    request = of_talks(
        tmp_path,
        ("a", "09:00 in text=invoice_for_a_PARCEL"),
        ("b", "09:00 in text=the_Invoice"),
        ("c", "09:00 in text=hello"),
        ("d", "09:00 in"),
    )
    assert dict(categories(request)) == {
        "a": "delivery", "b": "billing", "c": "other", "d": "other",
    }  # fmt: skip
    assert hits(request) == [
        ("delivery", 1, 1, 1),
        ("billing", 2, 1, 1),
        ("vip", 0, 0, 0),
        ("web", 0, 0, 0),
        ("other", 2, 2, 2),
    ]


def test_a_tag_put_on_later_is_of_the_whole_conversation(tmp_path: Path) -> None:
    request = of_talks(
        tmp_path,
        ("a", "09:00 in text=hello", "09:10 out Ana", "09:20 update tags=new;gold"),
        ("b", "09:00 in tags=vip", "09:20 update tags=calm"),
    )
    assert dict(categories(request)) == {"a": "vip", "b": "other"}


def test_the_exports_own_category_is_a_field_to_match(tmp_path: Path) -> None:
    request = of_talks(
        tmp_path,
        ("a", "09:00 in category=Web"),
        ("b", "09:00 in", "09:20 update category=Web"),
        ("c", "09:00 in category=Shop"),
        ("d", "09:00 in category=Web text=parcel"),
    )
    assert dict(categories(request)) == {"a": "web", "b": "web", "c": "other", "d": "delivery"}


def test_a_category_that_is_named_already_stays(tmp_path: Path) -> None:
    request = of_talks(tmp_path, ("a", "09:00 in category=web text=parcel"))
    assert dict(categories(request)) == {"a": "web"}
    assert hits(request)[0] == ("delivery", 1, 0, 0)
    assert hits(request)[3] == ("web", 0, 1, 1)


def test_all_keys_of_a_rule_must_hold(tmp_path: Path) -> None:
    request = of_talks(
        tmp_path,
        ("a", "09:00 in text=parcel tags=vip"),
        ("b", "09:00 in text=parcel"),
        ("c", "09:00 in tags=vip"),
        rules="[categories]\nurgent = { text = 'parcel', tag = 'vip' }",
    )
    assert dict(categories(request)) == {"a": "urgent", "b": "other", "c": "other"}


def test_every_message_has_its_own_and_other_rows_that_of_the_customer_before(
    tmp_path: Path,
) -> None:
    request = of_talks(
        tmp_path,
        (
            "a",
            "08:59 status open",
            "09:00 in text=parcel",
            "09:10 out Ana text=your_invoice",
            "09:20 in text=my_invoice",
            "09:25 auto-in text=parcel",
            "09:30 out Ana",
        ),
        ("b", "09:00 out Ana text=parcel"),
    )
    assert [category for _, category in sorted(categories(request), key=itemgetter(0))] == [
        *["delivery"] * 3,
        *["billing"] * 3,
        None,
    ]
    assert sum(messages for _, _, messages, _ in hits(request)) == 2
    waits = of(clocks(request), sla="each")
    assert [(row["ordinal"], row["category"]) for row in waits] == [(1, "delivery"), (1, "billing")]


def test_a_category_chooses_and_groups_slas(tmp_path: Path) -> None:
    rules = RULES + sla("late", "first_response", "1m", 'when = { category = ["delivery"] }')
    request = of_talks(
        tmp_path,
        ("a", "09:00 in text=parcel", "09:10 out Ana"),
        ("b", "09:00 in text=hello", "09:10 out Ana"),
        rules=rules,
    )
    each, late = report(replace(request, by=(("category",),))).slas
    assert {group.by["category"]: group.figures.met for group in each.groups} == {
        "delivery": 1,
        "other": 1,
    }
    assert (late.figures.clocks, late.figures.breached) == (1, 1)


def test_without_rules_the_exports_own_category_stands_and_nothing_is_reported(
    tmp_path: Path,
) -> None:
    request = of_talks(tmp_path, ("a", "09:00 in category=Web text=parcel"), rules="")
    found = report(replace(request, by=(("category",),)))
    assert found.categories == ()
    assert [group.by for group in found.slas[0].groups] == [{"category": "Web"}]


def test_text_is_read_only_where_a_rule_looks_at_it_and_never_kept(tmp_path: Path) -> None:
    talk = ("a", "09:00 in text=parcel tags=vip")
    for rules in (RULES, "[categories]\nvip = { tag = 'vip' }"):
        columns = read(of_talks(tmp_path, talk, rules=rules)).ordered.columns
        assert not {"text", "text_found"} & set(columns)
    kept = read(of_talks(tmp_path, talk).with_everything(text=True)).ordered
    assert kept["text"].to_list() == ["parcel"]
    assert kept["category"].cast(str).to_list() == ["delivery"]


def test_sixty_rules_keep_their_order(tmp_path: Path) -> None:
    rules = "[categories]\n" + "\n".join(f"c{n} = {{ text = 'word{n}_' }}" for n in range(63))
    talks = [(f"t{n:02}", f"09:00 in text=word{62}_word{n}_") for n in range(63)]
    assert dict(categories(of_talks(tmp_path, *talks, rules=rules))) == {
        f"t{n:02}": f"c{n}" for n in range(63)
    }


@pytest.mark.parametrize("seed", range(5))
def test_the_hits_equal_a_count_in_plain_python(tmp_path: Path, seed: int) -> None:
    random = Random(seed)
    rows: list[Row] = []
    words = ["parcel", "Delivery", "INVOICE", "hello", "where", "refund"]
    for number in range(60):
        said = [
            f"{10 + n}:00 {random.choice(['in', 'in', 'out Ana', 'note Ana', 'auto-in'])} "
            f"text={'_'.join(random.sample(words, 2))}"
            + random.choice(["", "", " tags=vip;new", " tags=new", " category=Web"])
            for n in range(random.randint(1, 5))
        ]
        rows += timeline(f"c{number}", *said)
    request = written(tmp_path, {"m.csv": canonical_csv(rows)}, EACH + RULES)
    assert hits(request) == counted(rows)


def counted(rows: list[Row]) -> list[tuple[str, int, int, int]]:
    talks: dict[str, list[Row]] = {}
    for row in rows:
        talks.setdefault(row["conversation_id"], []).append(row)
    names = ["delivery", "billing", "vip", "web"]
    matched: Counter[str] = Counter()
    won: Counter[str] = Counter()
    begun: Counter[str] = Counter()
    for talk in talks.values():
        tags = [row["tags"].split(";") for row in talk if "tags" in row]
        fields = [row["category"] for row in talk if "category" in row]
        asked = [r for r in talk if r["event"] == "inbound" and "is_automated" not in r]
        for place, row in enumerate(asked):
            field = row.get("category") or (fields[-1] if fields else "")
            found = [
                bool(re.search("parcel|deliver", row["text"], re.IGNORECASE)),
                bool(re.search("invoice", row["text"], re.IGNORECASE)),
                bool(tags and {"vip", "gold"} & set(tags[-1])),
                field == "Web",
            ]
            hit = [name for name, is_hit in zip(names, found, strict=True) if is_hit]
            matched.update(hit or ["other"])
            won[(hit or ["other"])[0]] += 1
            if place == 0:
                begun[(hit or ["other"])[0]] += 1
    return [(name, matched[name], won[name], begun[name]) for name in [*names, "other"]]


def test_what_normalize_writes_has_the_same_categories_without_the_text(tmp_path: Path) -> None:
    request = of_talks(
        tmp_path,
        ("a", "09:00 in text=parcel", "09:10 out Ana", "09:20 in text=invoice"),
        ("b", "09:00 in text=hello tags=vip", "09:10 out Ana"),
    )
    policy = tmp_path / "kpiaudit.toml"
    first = kpiaudit("clocks", *request.paths, "-c", policy, "-q").out
    table = tmp_path / "again" / "messages.csv"
    table.parent.mkdir()
    kpiaudit("normalize", *request.paths, "-c", policy, "-q", "-o", table)
    assert "parcel" not in table.read_text()
    assert kpiaudit("clocks", table.parent, "-c", policy, "-q").out == first
    assert "delivery" in first


def test_json_and_the_terminal_tell_of_the_hits(tmp_path: Path) -> None:
    request = of_talks(
        tmp_path, ("a", "09:00 in text=parcel"), ("b", "09:00 in"), ("c", "09:00 in")
    )
    asked: list[str | Path] = ["report", *request.paths, "-q", "-c", tmp_path / "kpiaudit.toml"]
    document = json.loads(kpiaudit(*asked, "--format", "json").out)
    assert document["categories"][0] == {
        "category": "delivery",
        "matched": 1,
        "messages": 1,
        "conversations": 1,
    }
    page = kpiaudit(*asked).out
    (line,) = (line for line in page.splitlines() if line.startswith("  other "))
    assert line.split()[-4:] == ["2", "2", "66.7%", "2"]


def test_nothing_read_is_nothing_hit(tmp_path: Path) -> None:
    (tmp_path / "exports").mkdir()
    assert hits(written(tmp_path, {}, EACH + RULES)) == [
        (name, 0, 0, 0) for name in ("delivery", "billing", "vip", "web", "other")
    ]
