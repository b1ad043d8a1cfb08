"""Bundles of evidence as a user makes and verifies them."""

from __future__ import annotations

import csv
import io
import json
import shutil
import zipfile
import zoneinfo
from collections.abc import Iterator
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import Any

import pytest
from commands import HEADER, exchange, kpiaudit, messages

from kpiaudit.evidence.bundle import write_bundle

PROMISE = """
time_zone = "Europe/Berlin"
[[sla]]
name = "answer"
metric = "first_response"
target = "{target}"
goal = "50%"
calendar = "office"
[calendars.office]
hours = {{ mon-sun = ["08:00-20:00"] }}
holidays = {{ country = "DE", subdivision = "BE", add = [2026-09-05] }}
"""
SAID = "the-parcel-never-came"
Bundle = dict[str, bytes]


@pytest.fixture(autouse=True)
def in_a_folder_of_its_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / ".git").mkdir()  # the policy search ends here
    monkeypatch.chdir(tmp_path)


@pytest.fixture
def exports(tmp_path: Path) -> Path:
    """Two conversations: one answered in 30 minutes, one in 2 hours, at noon UTC."""
    folder = tmp_path / "exports"
    messages(folder / "chat.csv", [*exchange("c1", 30), *exchange("c2", 120, agent="Ben")])
    return folder


@pytest.fixture
def system_zones() -> Iterator[None]:
    yield
    zoneinfo.reset_tzpath()


def bundle(*arguments: str | Path, name: str = "a.zip", code: int = 0) -> Path:
    """What `report --evidence` writes."""
    ran = kpiaudit("report", *arguments, "-q", "--evidence", name)
    assert (ran.code, ran.err) == (code, "")
    return Path(name).resolve()


def unpacked(path: Path) -> Bundle:
    with zipfile.ZipFile(path) as archive:
        return {name: archive.read(name) for name in archive.namelist()}


def manifest_of(path: Path) -> dict[str, Any]:
    found: dict[str, Any] = json.loads(unpacked(path)["manifest.json"])
    return found


def repacked(
    path: Path, files: Bundle, manifest: dict[str, Any] | None = None, *, honest: bool = True
) -> Path:
    """A bundle with other files; `honest` writes their hashes into its manifest."""
    held = unpacked(path) | files
    told = json.loads(held["manifest.json"]) | (manifest or {})
    if honest:
        told["entries"] = {
            name: sha256(text).hexdigest() for name, text in held.items() if name != "manifest.json"
        }
    held["manifest.json"] = json.dumps(told).encode()
    write_bundle(path, {name: [text] for name, text in held.items()})
    return path


def verified(path: Path, *arguments: str | Path, code: int) -> dict[str, Any]:
    ran = kpiaudit("verify", path, *arguments, "--format", "json")
    assert (ran.code, ran.err) == (code, "")
    found: dict[str, Any] = json.loads(ran.out)
    assert found["exit_code"] == code
    assert found["is_identical"] == (code == 0)
    return found


def refusal(path: Path, *arguments: str | Path) -> str:
    ran = kpiaudit("verify", path, *arguments)
    assert (ran.code, ran.out) == (2, "")
    return ran.err


def changes(found: list[dict[str, Any]]) -> dict[str, tuple[object, object]]:
    return {change["where"]: (change["was"], change["now"]) for change in found}


def test_a_second_run_writes_the_same_bytes(exports: Path) -> None:
    assert bundle(exports).read_bytes() == bundle(exports, name="b.zip").read_bytes()


def test_a_bundle_beside_the_exports_is_no_export(exports: Path) -> None:
    name = str(exports / "evidence.zip")
    first = bundle(exports, name=name).read_bytes()
    second = bundle(exports, name=name).read_bytes()
    assert first == second == bundle(exports).read_bytes()
    assert kpiaudit("check", exports, "--no-config", "--fail-on", "never").code == 0


def test_where_the_exports_lie_leaves_no_trace(
    exports: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    shutil.copytree(exports, tmp_path / "elsewhere" / "exports")
    (exports / "kpiaudit.toml").write_text(PROMISE.format(target="1h"))
    (tmp_path / "elsewhere" / "exports" / "kpiaudit.toml").write_text(PROMISE.format(target="1h"))
    relative = bundle("exports", "-c", "exports/kpiaudit.toml").read_bytes()
    monkeypatch.chdir(tmp_path / "elsewhere" / "exports")
    folder = tmp_path / "elsewhere" / "exports"
    absolute = bundle(folder, "-c", folder / "kpiaudit.toml", name="../b.zip")
    assert absolute.read_bytes() == relative
    assert verified(absolute, exports, code=0)


def test_the_report_is_the_same_with_and_without_a_bundle(sample_exports: Path) -> None:
    plain = kpiaudit("report", sample_exports, "--format", "json")
    proven = kpiaudit("report", sample_exports, "--format", "json", "--evidence", "a.zip")
    assert proven.out == plain.out
    digest = sha256(Path("a.zip").read_bytes()).hexdigest()
    assert proven.err == plain.err + f"kpiaudit: note: a.zip: sha256 {digest}\n"


def test_the_manifest_says_what_was_read_and_with_what(exports: Path, tmp_path: Path) -> None:
    policy = tmp_path / "promise.toml"
    policy.write_text(PROMISE.format(target="1h"))
    export = exports / "chat.csv"
    broken = exchange("c3", 5)[0].replace("2026-09-01", "yesterday ")
    messages(export, [*exchange("c1", 30), *exchange("c2", 120), *exchange("c2", 120), broken])
    path = bundle(exports, "-c", policy, "--since", "2026-09-01", "--by", "agent", "--top", "3")
    told = manifest_of(path)
    assert told["inputs"] == [
        {
            "name": "chat.csv",
            "source": "kpiaudit_messages",
            "size": export.stat().st_size,
            "sha256": sha256(export.read_bytes()).hexdigest(),
            "rows": 7,
            "used": 4,
            "messages": 4,
            "duplicates": 2,
            "rejects": 1,
            "skipped": 0,
        }
    ]
    assert told["policy"] == {
        "name": "promise.toml",
        "sha256": sha256(policy.read_bytes()).hexdigest(),
    }
    assert unpacked(path)["policy.toml"] == policy.read_bytes()
    assert told["as_of"] == {"kpiaudit": "2026-09-01T12:00:00Z"}
    asked = told["request"]
    assert (asked["since"], asked["until"]) == ("2026-08-31T22:00:00Z", None)
    assert (asked["by"], asked["top"], asked["time_zone"]) == ([["agent"]], 3, "Europe/Berlin")
    assert told["versions"]["polars"] == version("polars")
    assert told["versions"]["holidays"] == version("holidays")
    assert told["zones"].keys() == {"Europe/Berlin"}
    assert told["settings"]["sla"][0]["target"] == "1h"
    assert told["definitions"]["policy_at"] == "stop"


def test_the_manifest_lists_the_dates_each_calendar_closed_on(
    exports: Path, tmp_path: Path
) -> None:
    policy = tmp_path / "promise.toml"
    policy.write_text(PROMISE.format(target="1h"))
    messages(exports / "chat.csv", [*exchange("c1", 30), *exchange("c2", 30, day=30)])
    calendar = manifest_of(bundle(exports, "-c", policy))["calendars"]["office"]
    assert (calendar["first"], calendar["last"]) == ("2026-09-01", "2026-09-30")
    assert calendar["dates"] == {"2026-09-05": "closed by the policy"}
    assert calendar["source"] == f"holidays {version('holidays')}, DE-BE"


def test_the_bundle_holds_every_clock_and_the_report(exports: Path) -> None:
    held = unpacked(bundle(exports, "--no-config"))
    assert held["clocks.csv"].decode() == kpiaudit("clocks", exports, "--no-config").out
    report = json.loads(kpiaudit("report", exports, "--no-config", "--format", "json").out)
    nothing: dict[str, Any] = {"trends": [], "distributions": [], "hours_of_week": None}
    nothing |= {"kpi_trends": []}
    report |= {"privacy": []}
    assert json.loads(held["report.json"]) == report | {"models": [], "views": nothing}
    told = json.loads(held["manifest.json"])
    assert told["entries"] == {
        name: sha256(held[name]).hexdigest()
        for name in ("clocks.csv", "rejects.csv", "report.json")
    }
    assert told["policy"] is None


def test_no_path_of_the_machine_and_no_message_text_is_in_it(tmp_path: Path) -> None:
    header = f"{HEADER},text"
    told = [f"{row},{SAID}" for row in [*exchange("c1", 30), *exchange("c2", 120)]]
    for place in ("a", "b"):
        messages(
            tmp_path / place / "x.csv", [row.replace("c", place, 1) for row in told], header=header
        )
    messages(tmp_path / "a" / "odd.csv", [f"c9,c9-1,{SAID},inbound,email,,"], header=header)
    messages(tmp_path / "a" / "chat.txt", [f"{SAID};more"], header=f"{SAID};{SAID}")
    (tmp_path / "a" / "bad.json").write_text(f"{SAID}")
    (tmp_path / "b" / "kpiaudit.toml").write_text(PROMISE.format(target="1h"))
    path = bundle(tmp_path / "a", tmp_path / "b", "-c", tmp_path / "b" / "kpiaudit.toml")
    held = unpacked(path)
    assert len(held) == 5
    for name, text in held.items():
        assert str(tmp_path).encode() not in text, name
        assert SAID.encode() not in text, name
    told_of = [(file["name"], file["rows"]) for file in json.loads(held["manifest.json"])["inputs"]]
    assert told_of == [("a/x.csv", 4), ("b/x.csv", 4), ("odd.csv", 1)]
    assert held["rejects.csv"].decode().splitlines() == [
        "export,row,rule",
        "odd.csv,1,sent_at: not a date",
    ]
    assert json.loads(held["report.json"])["problems"][:2] == [
        "not read: bad.json",
        "not read: chat.txt",
    ]
    assert verified(path, tmp_path / "a", tmp_path / "b", code=0)


def test_the_samples_verify(sample_exports: Path, tmp_path: Path) -> None:
    path = bundle(sample_exports)
    found = verified(path, sample_exports, code=0)
    assert found["versions"] == []
    read = json.loads(kpiaudit("inspect", sample_exports, "--format", "json").out)["exports"]
    assert found["input_count"] == len(read) > 0
    clocks = unpacked(path)["clocks.csv"].decode()
    assert found["clock_count"] == len(list(csv.reader(io.StringIO(clocks)))) - 1
    ran = kpiaudit("verify", path, sample_exports)
    assert ran.out.startswith(f"identical: {len(read)} exports, ")
    shutil.copytree(sample_exports, tmp_path / "copy")
    assert verified(path, tmp_path / "copy", code=0)


@pytest.mark.parametrize(
    "options",
    [
        ["--as-of", "2026-09-15T12:00:00Z"],
        ["--since", "2026-09-10", "--until", "2026-09-20", "--by", "team,channel"],
        ["--tz", "Asia/Tokyo", "--top", "2"],
        ["--strict", "--keep-going"],
        ["--no-config", "--source", "twitter_twcs=twcs.csv"],
    ],
)
def test_the_options_of_the_run_are_kept(sample_exports: Path, options: list[str]) -> None:
    folder = sample_exports / ("twitter_twcs" if "--no-config" in options else "")
    assert verified(bundle(folder, *options), folder, code=0)


def test_one_changed_byte_is_found(exports: Path) -> None:
    path, export = bundle(exports), exports / "chat.csv"
    before = sha256(export.read_bytes()).hexdigest()
    export.write_bytes(export.read_bytes().replace(b"Ben", b"Bea"))
    found = verified(path, exports, code=1)
    (told,) = found["inputs"]
    after = sha256(export.read_bytes()).hexdigest()
    assert (told["name"], told["kind"]) == ("chat.csv", "changed")
    assert changes(told["fields"]) == {"sha256": (before, after)}
    figures = changes(found["figures"])
    assert figures["first-response: groups [agent=Ben]: breached"] == (1, None)
    assert figures["first-response: groups [agent=Bea]: breached"] == (None, 1)
    clocks = [(c["conversation_id"], c["field"], c["was"], c["now"]) for c in found["clocks"]]
    assert clocks == [("c2", "agent", "Ben", "Bea")]


def test_a_changed_byte_that_moves_no_figure_is_found(exports: Path) -> None:
    path, export = bundle(exports), exports / "chat.csv"
    export.write_bytes(export.read_bytes() + b"\n")
    found = verified(path, exports, code=1)
    assert [told["name"] for told in found["inputs"]] == ["chat.csv"]
    assert (found["figures"], found["clocks"], found["report"]) == ([], [], [])


def test_a_removed_row_is_found(exports: Path) -> None:
    """The second answer is gone: as of noon that wait of 2 hours is still breached, and unanswered."""
    path, export = bundle(exports), exports / "chat.csv"
    export.write_text("".join(export.read_text().splitlines(keepends=True)[:-1]))
    found = verified(path, exports, code=1)
    (told,) = found["inputs"]
    assert changes(told["fields"])["rows"] == (4, 3)
    figures = changes(found["figures"])
    assert figures["first-response: unanswered"] == (0, 1)
    assert figures["first-response: n"] == (2, 1)
    assert figures["first-response: mean_seconds"] == (75 * 60, 30 * 60)
    assert "first-response: breached" not in figures
    fields = {change["field"]: (change["was"], change["now"]) for change in found["clocks"]}
    assert fields["stopped_at"] == ("2026-09-01T12:00:00Z", None)
    assert fields["stop_reason"] == ("reply", "none")
    assert "elapsed_seconds" not in fields
    assert found["changed_clocks"] == 1


def test_a_conversation_only_now_there_is_a_clock_only_now(exports: Path) -> None:
    path = bundle(exports)
    messages(exports / "more.csv", exchange("c0", 10))
    found = verified(path, exports, code=1)
    assert [(told["name"], told["kind"]) for told in found["inputs"]] == [("more.csv", "new")]
    (clock,) = found["clocks"]
    assert (clock["conversation_id"], clock["field"]) == ("c0", "clock")
    assert (clock["was"], clock["now"]) == (None, "there")
    assert changes(found["figures"])["first-response: met"] == (1, 2)


def test_rows_after_the_audit_change_no_figure(exports: Path) -> None:
    path, export = bundle(exports), exports / "chat.csv"
    export.write_text(export.read_text() + "\n".join(exchange("c3", 5, day=2)) + "\n")
    found = verified(path, exports, code=1)
    (told,) = found["inputs"]
    assert changes(told["fields"])["skipped"] == (0, 2)
    assert (found["figures"], found["clocks"]) == ([], [])


def test_a_system_that_is_new_is_judged_as_of_the_same_instant(exports: Path) -> None:
    path = bundle(exports, "--as-of", "2026-09-01T11:00:00Z")
    rows = [f"other,{row}" for row in exchange("c7", 90)]
    messages(exports / "other.csv", rows, header=f"system,{HEADER}")
    found = verified(path, exports, code=1)
    (told,) = found["inputs"]
    assert (told["name"], changes(told["fields"])["skipped"]) == ("other.csv", (None, 1))


def test_missing_new_and_renamed_exports_are_told_apart(exports: Path) -> None:
    messages(exports / "gone.csv", exchange("c4", 10))
    path = bundle(exports)
    (exports / "chat.csv").rename(exports / "talk.csv")
    (exports / "gone.csv").unlink()
    messages(exports / "more.csv", exchange("c5", 10))
    found = verified(path, exports, code=1)
    kinds = {told["name"]: told["kind"] for told in found["inputs"]}
    assert kinds == {"chat.csv": "renamed", "gone.csv": "missing", "more.csv": "new"}
    text = kpiaudit("verify", path, exports).out
    assert "  chat.csv: renamed; name chat.csv -> talk.csv\n" in text
    assert "  gone.csv: missing\n" in text


def test_another_policy_is_told_and_what_it_does(exports: Path, tmp_path: Path) -> None:
    strict, lax = tmp_path / "strict.toml", tmp_path / "lax.toml"
    strict.write_text(PROMISE.format(target="1h"))
    lax.write_text(PROMISE.format(target="3h"))
    path = bundle(exports, "-c", strict)
    assert verified(path, exports, code=0)
    found = verified(path, exports, "-c", lax, code=1)
    assert changes(found["settings"])["sla [answer]: target"] == ("1h", "3h")
    assert changes(found["figures"])["answer: breached"] == (1, 0)
    assert found["inputs"] == []
    text = kpiaudit("verify", path, exports, "-c", lax).out
    assert "\n  sla [answer]: target: 1h -> 3h\n" in text


def test_a_policy_nearby_does_not_replace_the_bundles_own(exports: Path) -> None:
    path = bundle(exports)
    for folder in (exports, Path()):
        (folder / "kpiaudit.toml").write_text(PROMISE.format(target="3h"))
    assert verified(path, exports, code=0)


def test_a_policy_exchanged_inside_the_bundle_is_refused(exports: Path, tmp_path: Path) -> None:
    strict = tmp_path / "strict.toml"
    strict.write_text(PROMISE.format(target="1h"))
    path = bundle(exports, "-c", strict)
    lax = PROMISE.format(target="3h").encode()
    told = refusal(repacked(path, {"policy.toml": lax}, honest=False), exports)
    assert "policy.toml has another SHA-256 than its manifest says" in told


@pytest.mark.usefixtures("system_zones")
def test_other_zone_data_is_told_as_a_reason(exports: Path, tmp_path: Path) -> None:
    zones = tmp_path / "zones"
    (zones / "Europe").mkdir(parents=True)
    (zones / "tzdata.zi").write_text("# version 1999z\n# more\n")
    (zones / "Europe" / "Berlin").write_bytes(b"TZif")
    (exports / "kpiaudit.toml").write_text(PROMISE.format(target="1h"))
    zoneinfo.ZoneInfo("Europe/Berlin")  # read once, and kept
    zoneinfo.reset_tzpath(to=[zones])
    path = bundle(exports)
    assert manifest_of(path)["zones"] == {"Europe/Berlin": "system 1999z"}
    zoneinfo.reset_tzpath(to=[])
    found = verified(path, exports, code=0)
    now = f"tzdata {version('tzdata')}"
    assert changes(found["versions"]) == {"zone data of Europe/Berlin": ("system 1999z", now)}
    text = kpiaudit("verify", path, exports).out
    assert f"made with others\n  zone data of Europe/Berlin: system 1999z -> {now}\n" in text


@pytest.mark.parametrize("name", ["kpiaudit", "polars", "holidays", "python"])
def test_other_versions_are_told_as_a_reason(exports: Path, name: str) -> None:
    (exports / "kpiaudit.toml").write_text(PROMISE.format(target="1h"))
    path = bundle(exports)
    versions = manifest_of(path)["versions"]
    repacked(path, {}, {"versions": versions | {name: "0.0.1"}})
    found = verified(path, exports, code=0)
    assert changes(found["versions"]) == {name: ("0.0.1", versions[name])}


def test_figures_somebody_improved_are_found(exports: Path) -> None:
    path = bundle(exports)
    held = unpacked(path)
    report = held["report.json"].replace(b'"breached": 1', b'"breached": 0')
    clocks = held["clocks.csv"].replace(b",breached,", b",met,")
    assert report != held["report.json"]
    found = verified(repacked(path, {"report.json": report, "clocks.csv": clocks}), exports, code=1)
    assert found["inputs"] == []
    assert changes(found["figures"])["first-response: breached"] == (0, 1)
    told = [(c["conversation_id"], c["field"], c["was"], c["now"]) for c in found["clocks"]]
    assert told == [("c2", "outcome", "met", "breached")]


def test_a_second_set_of_figures_before_the_right_one_is_found(exports: Path) -> None:
    path = bundle(exports)
    report = json.loads(unpacked(path)["report.json"])
    report["slas"].insert(0, report["slas"][0] | {"breached": 0, "adherence": 1.0})
    text = json.dumps(report).encode()
    found = verified(repacked(path, {"report.json": text}), exports, code=1)
    assert list(changes(found["report"])) == ["report.json: sha256"]


def test_a_figure_given_twice_is_refused(exports: Path) -> None:
    path = bundle(exports)
    text = unpacked(path)["report.json"].replace(b'"breached": 1', b'"breached": 0, "breached": 1')
    assert "a key is there twice" in refusal(repacked(path, {"report.json": text}), exports)


def test_clocks_in_another_order_are_refused(exports: Path) -> None:
    path = bundle(exports)
    header, *rows = unpacked(path)["clocks.csv"].splitlines(keepends=True)
    text = b"".join([header, *reversed(rows)])
    assert "in other bytes" in refusal(repacked(path, {"clocks.csv": text}), exports)


def test_as_many_clocks_are_listed_as_asked_for(exports: Path) -> None:
    rows = [row for n in range(20) for row in exchange(f"{n}", 30)]
    messages(exports / "chat.csv", rows)
    path = bundle(exports)
    messages(exports / "chat.csv", [row.replace(",Ana", ",Ben") for row in rows])
    found = verified(path, exports, "--top", "3", code=1)
    assert found["changed_clocks"] == 20
    assert [change["conversation_id"] for change in found["clocks"]] == ["0", "1", "2"]
    text = kpiaudit("verify", path, exports, "--top", "3").out
    assert (
        "\nclocks: 20 differ\n  kpiaudit 0 first_response 1 (first-response): agent Ana -> Ben\n"
        in text
    )


def test_a_policy_in_a_bundle_opens_no_file_it_names(exports: Path, tmp_path: Path) -> None:
    closures, outside = tmp_path / "closures.ics", tmp_path / "outside.ics"
    closures.write_text("BEGIN:VCALENDAR\r\nEND:VCALENDAR\r\n")
    unused = '[calendars.spare]\nhours = { mon = ["09:00-17:00"] }\nholidays = { ics = "NAME" }\n'
    policy = tmp_path / "p.toml"
    policy.write_text(PROMISE.format(target="1h") + unused.replace("NAME", closures.name))
    path = bundle(exports, "-c", policy)
    assert unpacked(path)["holidays-1.ics"] == closures.read_bytes()
    assert manifest_of(path)["ics"]["spare"]["name"] == "closures.ics"
    closures.unlink()
    assert verified(path, exports, code=0)
    text = unpacked(path)["policy.toml"].replace(b"closures.ics", outside.as_posix().encode())
    held = manifest_of(path)
    held["policy"]["sha256"] = sha256(text).hexdigest()
    repacked(path, {"policy.toml": text}, {"policy": held["policy"]})
    assert not outside.exists()
    assert verified(path, exports, code=0)


def test_a_lost_calendar_file_is_refused(exports: Path, tmp_path: Path) -> None:
    policy = tmp_path / "p.toml"
    policy.write_text(PROMISE.format(target="1h"))
    path = bundle(exports, "-c", policy)
    text = policy.read_text().replace("add =", 'ics = "/etc/hostname", add =').encode()
    told = refusal(repacked(path, {"policy.toml": text}), exports)
    assert 'calendars.office.holidays.ics: there is no file "lost.ics"' in told


DEEP = 100_000


@pytest.mark.parametrize(
    ("files", "manifest", "told"),
    [
        ({"clocks.csv": b"a,b\n1,2\n"}, {}, "is not as it was written"),
        ({"clocks.csv": b""}, {}, "is not as it was written"),
        ({"report.json": b"[]"}, {}, "is not as it was written"),
        ({"report.json": b'{"slas": ' + b"[" * DEEP}, {}, "is not as it was written"),
        ({"rejects.csv": b"x\n1\n"}, {}, "is not as it was written"),
        ({"policy.toml": b"a = " + b"[" * DEEP}, {}, "policy.toml"),
        ({"policy.toml": b"\xff"}, {}, "policy.toml is not TOML"),
        ({"policy.toml": b"[[sla]]\n"}, {}, "a.zip: policy.toml: sla[1].name"),
        ({"holidays-7.ics": b""}, {}, "holidays-7.ics is missing, or is there without a reason"),
        ({}, {"policy": None}, "policy.toml is missing, or is there without a reason"),
        ({}, {"bundle_version": 99}, "is a bundle of version 99, this is 1"),
        ({}, {"inputs": "none"}, "manifest.json is none"),
        ({}, {"as_of": {"kpiaudit": "0001-01-01T00:00:00+14:00"}}, "its options cannot be"),
        ({}, {"as_of": {"kpiaudit": "2026-09-01T00:00:00"}}, "manifest.json is none"),
    ],
)
def test_a_bundle_made_to_harm_ends_in_one_error(
    exports: Path, files: Bundle, manifest: dict[str, Any], told: str
) -> None:
    (exports / "kpiaudit.toml").write_text(PROMISE.format(target="1h"))
    path = repacked(bundle(exports), files, manifest)
    (exports / "chat.csv").write_text((exports / "chat.csv").read_text() + "x\n")
    assert told in refusal(path.relative_to(Path.cwd()), exports)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("by", [["nobody"]]),
        ("top", 0),
        ("top", -5),
        ("time_zone", "../../etc/passwd"),
        ("since", 7),
    ],
)
def test_options_no_run_takes_are_refused(exports: Path, key: str, value: object) -> None:
    path = bundle(exports)
    asked = manifest_of(path)["request"] | {key: value}
    assert "a.zip: is not as it was written" in refusal(
        repacked(path, {}, {"request": asked}), exports
    )


def test_a_manifest_of_brackets_is_refused(exports: Path) -> None:
    path = bundle(exports)
    held = unpacked(path) | {"manifest.json": b"[" * DEEP}
    write_bundle(path, {name: [text] for name, text in held.items()})
    assert "manifest.json is none" in refusal(path, exports)


@pytest.mark.parametrize(
    ("line", "told"),
    [
        ("verify none.zip exports", "error: none.zip: cannot be read: No such file or directory"),
        ("verify exports/chat.csv exports", "error: exports/chat.csv: is no bundle of evidence, or is cut off"),
        ("verify a.zip nowhere", "error: nowhere: no such file or folder"),
        ("verify a.zip exports --format xml", "error: --format: 'xml' is none of its words"),
        ("verify a.zip exports -c none.toml", "error: none.toml: no such policy file"),
        ("verify a.zip", "error: missing argument 'EXPORTS...'"),
        ("report exports --evidence a.tar", "error: --evidence a.tar: a bundle is a zip"),
        ("report exports --evidence no/a.zip", "error: no/a.zip: cannot be written: its folder is not there"),
    ],
)  # fmt: skip
def test_what_cannot_be_done_ends_with_2_and_says_why(exports: Path, line: str, told: str) -> None:
    bundle(exports)
    ran = kpiaudit(*line.split())
    assert (ran.code, ran.out) == (2, "")
    assert ran.first == f"kpiaudit: {told}"


def test_verify_explains_itself_with_an_example() -> None:
    ran = kpiaudit("verify", "--help")
    assert ran.code == 0
    assert "Example: kpiaudit verify" in ran.out


def test_nothing_to_judge_is_evidence_too(tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    path = bundle("empty", code=4)
    assert manifest_of(path)["inputs"] == []
    assert verified(path, "empty", code=0)["clock_count"] == 0


def test_a_hostile_name_is_shown_without_effect(exports: Path) -> None:
    path = bundle(exports)
    told = manifest_of(path)
    told["inputs"].append(told["inputs"][0] | {"name": "\x1b[2J\u202egnp.exe"})
    ran = kpiaudit("verify", repacked(path, {}, {"inputs": told["inputs"]}), exports)
    assert ran.code == 1
    assert "\\x1b[2J\\u202egnp.exe: missing" in ran.out
    assert "\x1b" not in ran.out
