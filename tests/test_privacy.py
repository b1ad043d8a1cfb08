"""Nobody goes by name under `--pseudonymize`: every output of every kind is searched for the samples' people."""

from __future__ import annotations

import io
import json
import os
import re
import stat
import zipfile
from pathlib import Path

import polars as pl
import pytest
from commands import exchange, kpiaudit, messages

from kpiaudit.cli.keys import KEY, KEY_FILE
from kpiaudit.privacy import PSEUDONYM, Pseudonyms, export_name, words_of

SECRET = "0123456789abcdef0123456789abcdef"  # noqa: S105  # a key of a test
ROOT = Path(__file__).resolve().parent.parent
SAMPLES = sorted(path.name for path in (ROOT / "sample_exports").iterdir() if path.is_dir())
ADDRESS = re.compile(r"[\w.+-]+@[\w-]+\.[\w.-]+")
HANDLE = re.compile(r"(?<![\w.])@([A-Za-z_]\w{2,})")
COMMON = words_of(
    [
        "agent agents bot bots user users customer support care desk team online live chat system help group sales",
        "internal nobody direct",
        "fernweh outdoor shop post answer travel per mmm tent",
        "queue phone mail email example com net org test none unassigned tier all the and for calls",
        *SAMPLES,
    ]
)
"""Words of names that are words of ours as well."""
DIGEST = re.compile(r"\b[0-9a-f]{64}\b")
"""A SHA-256: of a bundle, which names where the exports lie, it is another one in every folder, and may spell a name."""


@pytest.fixture(autouse=True)
def plain_environment(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [name for name in os.environ if name.startswith("KPIAUDIT_")]:
        monkeypatch.delenv(name)
    monkeypatch.setenv(KEY, SECRET)


def people_of(sample: Path, folder: Path) -> set[str]:
    """Names, addresses and handles in a sample: its agents and customers, and what the raw files say."""
    table = folder / "raw.parquet"
    kpiaudit(
        "normalize",
        sample,
        "-o",
        table,
        "-q",
        "--tz",
        "UTC",
        "-c",
        ROOT / "sample_exports/kpiaudit.toml",
    )
    rows = pl.read_parquet(table)
    told: set[str] = set()
    for column in ("agent", "customer"):
        if column in rows.columns:
            told |= set(rows[column].cast(pl.String).drop_nulls())
    teams = set(rows["team"].cast(pl.String).drop_nulls()) if "team" in rows.columns else set()
    told = {name for name in told - teams if re.search(r"[^\W\d_]{3}", name)}
    for path in sample.rglob("*"):
        text = path.read_bytes().decode("utf-8", "replace") if path.is_file() else ""
        told |= set(ADDRESS.findall(text)) | {f"@{name}" for name in HANDLE.findall(text)}
    return told


def written(sample: Path, out: Path) -> dict[str, str]:
    """Every output of every kind there is, as text."""
    policy = ROOT / "sample_exports/kpiaudit.toml"
    common: list[str | Path] = ["-c", policy, "--tz", "UTC", "--pseudonymize", "--keep-going"]
    shown: dict[str, str] = {}

    def run(name: str, *line: str | Path) -> None:
        ran = kpiaudit(line[0], sample, *line[1:], *common)
        assert ran.code != 3, ran.err
        shown[name] = ran.out + ran.err

    from kpiaudit.renderers import FILE_KINDS

    files = [f"-o{out / f'report.{kind}'}" for kind in sorted(FILE_KINDS)]
    files += [f"-o{out / 'report.xlsx'}", f"--charts={out / 'charts'}"]
    views = ["--view", "models,staffing,trend,distribution", "--kpi", "all"]
    run(
        *("report", "report", "-v", *files, *views, f"--evidence={out / 'evidence.zip'}"),
        *("--by", "agent,team", "--by", "agent"),
    )
    run("check", "check", f"-ojunit={out / 'gate.xml'}", "--format", "json")
    run("inspect", "inspect", f"--rejects={out / 'rejects.csv'}")
    run("inspect json", "inspect", "--format", "json")
    run("clocks", "clocks")
    run("clocks parquet", "clocks", f"-o{out / 'clocks.parquet'}")
    run("normalize", "normalize")
    run("breaches", "breaches", "--top", "50")
    run("at risk", "breaches", "--at-risk", "--top", "50")
    run("definitions", "definitions")
    run("whatif", "whatif")
    run("compare", "compare", "--by", "agent", "--top", "50")
    run("compare json", "compare", "--by", "team,agent", "--top", "50", "--format", "json")
    run("compare file", "compare", "--split", "2026-09-14", f"-o{out / 'compare.csv'}")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GITHUB_STEP_SUMMARY", str(out / "summary.md"))
        run("github", "check", "--format", "github")
    first = next(
        iter(re.findall(r"^[^,]*,[^,]*,([^,\n]+)", shown["clocks"], re.MULTILINE)[1:]), None
    )
    if first:
        ran = kpiaudit("explain", sample, first, *common)
        shown["explain"] = ran.out + ran.err
    for path in (path for path in out.rglob("*") if path.is_file()):
        shown[path.name] = contents(path)
    return shown


def contents(path: Path) -> str:
    if path.suffix == ".parquet":
        return pl.read_parquet(path).write_json()
    raw = path.read_bytes()
    if not zipfile.is_zipfile(io.BytesIO(raw)):
        return raw.decode("utf-8", "replace")
    with zipfile.ZipFile(io.BytesIO(raw)) as archive:
        return "\n".join(
            f"{entry}\n{archive.read(entry).decode('utf-8', 'replace')}"
            for entry in archive.namelist()
            if entry
            != "xl/theme/theme1.xml"  # names of scripts, such as Hans, the same in every workbook
        )


def spoken(text: str, folders: tuple[Path, ...]) -> str:
    """What an output says in words: without folders of this machine, digests and pseudonyms."""
    for folder in folders:
        text = text.replace(str(folder), "")
    return PSEUDONYM.sub("", DIGEST.sub("", text))


def test_what_a_digest_spells_is_nobody(tmp_path: Path) -> None:
    digest = f"{'0' * 60}1ada"
    assert "ada" in words_of([digest])
    assert not words_of([spoken(f"sha256 {digest}", (tmp_path,))]) - {"sha"}


def test_no_person_of_the_samples_is_in_any_output(tmp_path: Path) -> None:
    sample = ROOT / "sample_exports"
    (tmp_path / "out").mkdir()
    people = people_of(sample, tmp_path)
    shown = written(sample, tmp_path / "out")
    words = words_of(person.partition("@")[0] or person for person in people) - COMMON
    assert len(words) > 100
    kinds = {Path(name).suffix for name in shown}
    assert kinds >= {".xlsx", ".svg", ".html", ".md", ".csv", ".json", ".xml", ".zip", ".parquet"}
    assert "summary.md" in shown
    texts = {where: spoken(text, (sample, tmp_path, ROOT)) for where, text in shown.items()}
    leaks = {(where, word) for where, text in texts.items() for word in words & words_of([text])}
    assert not leaks
    for where, text in texts.items():
        assert not [person for person in people if "@" in person and person in text], where


def test_pseudonyms_change_no_figure() -> None:
    sample = ROOT / "sample_exports"
    plain, hidden = (
        json.loads(kpiaudit("check", sample, "--format", "json", "-q", *more).out)["gates"]
        for more in ([], ["--pseudonymize"])
    )
    assert plain == hidden


def desk(folder: Path, *, agent: str = "Ana Diaz") -> Path:
    rows = [*exchange("Kim Lee", 120, agent=agent), *exchange("c2", 120, agent=agent)]
    return messages(folder / "desk.csv", rows)


@pytest.mark.parametrize("suffix", ["md", "html", "json"])
def test_a_report_says_at_its_head_what_was_done_about_people(tmp_path: Path, suffix: str) -> None:
    out = tmp_path / f"r.{suffix}"
    line = ["report", str(desk(tmp_path)), "--no-config", "-q", "-o", str(out), "--min-group", "2"]
    assert kpiaudit(*line).code == 0
    assert "agents by name, no customer, no message text" in out.read_text()
    assert "groups of fewer than 2 clocks are not shown" in out.read_text()
    assert kpiaudit(*line, "--pseudonymize").code == 0
    assert Pseudonyms(SECRET.encode()).key_id in out.read_text()
    assert "which are personal data still; no message text" in out.read_text()


def test_a_conversation_named_after_a_person_is_a_digest_outside_explain(tmp_path: Path) -> None:
    export = desk(tmp_path)
    shown = kpiaudit("breaches", export, "--no-config").out
    assert "Kim" not in shown
    assert "c2" in shown
    told = re.search(r"conversation-[a-z2-7]{16}", kpiaudit("clocks", export).out)
    assert told
    explained = kpiaudit("explain", export, told[0], "--no-config")
    assert explained.code == 0
    assert "Kim Lee" in explained.out


def agents(export: Path, *options: str) -> set[str]:
    out = kpiaudit("clocks", export, "--pseudonymize", "-q", *options).out
    return set(re.findall(r"agent-[a-z2-7]{10}", out))


def test_a_pseudonym_is_the_same_with_the_same_key_and_another_with_another(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export = desk(tmp_path)
    first, again = agents(export), agents(export)
    assert first == again
    assert first == {Pseudonyms(SECRET.encode()).of("agent", "Ana Diaz")}
    monkeypatch.setenv(KEY, SECRET[::-1])
    assert not agents(export) & first
    monkeypatch.delenv(KEY)
    assert not agents(export) & agents(export)
    ran = kpiaudit("report", export, "--pseudonymize")
    assert "these pseudonyms hold for this run alone" in ran.first


def test_a_key_file_must_be_nobody_elses_and_long_enough(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, key = desk(tmp_path), tmp_path / "key"
    expected = agents(export)
    monkeypatch.delenv(KEY)
    monkeypatch.setenv(KEY_FILE, str(key))
    assert kpiaudit("report", export, "--pseudonymize").code == 2
    key.write_text(f"{SECRET}\n")
    key.chmod(0o644)
    assert "may be read by others" in kpiaudit("report", export, "--pseudonymize").first
    key.chmod(0o600)
    assert agents(export) == expected
    key.write_text("short")
    assert "is shorter than 16 characters" in kpiaudit("report", export, "--pseudonymize").first


def test_a_key_is_in_no_output(tmp_path: Path) -> None:
    (tmp_path / "out").mkdir()
    sample = ROOT / "sample_exports/kpiaudit_messages"
    assert not [name for name, text in written(sample, tmp_path / "out").items() if SECRET in text]


def test_a_bundle_of_pseudonyms_is_verified_with_their_key_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, bundle = desk(tmp_path), tmp_path / "evidence.zip"
    policy = tmp_path / "kpiaudit.toml"
    policy.write_text(
        '# Ana is on leave\n[[sla]]\nname = "a"\nmetric = "first_response"\ntarget = "1h"\ngoal = "95%"\n'
        'when = { agent = ["Ana Diaz"] }\n[teams.day]\nagents = ["Ana Diaz"]\n'
    )
    options = ["-c", str(policy), "--pseudonymize", "--evidence", str(bundle)]
    assert kpiaudit("report", export, *options).code == 0
    assert "Ana" not in contents(bundle)
    assert kpiaudit("verify", bundle, export).code == 0
    monkeypatch.setenv(KEY, SECRET[::-1])
    other = kpiaudit("verify", bundle, export)
    assert "was made with the pseudonyms of key" in other.first
    assert f"set {KEY} to that key, or {KEY_FILE} to its file" in other.err


def test_a_bundle_of_pseudonyms_nobody_has_the_key_of_is_warned_of(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    export, bundle = desk(tmp_path), tmp_path / "evidence.zip"
    line = ("report", export, "--no-config", "--pseudonymize", "--evidence", bundle)
    warned = "cannot be verified: its pseudonyms are of a key that ends with this run"
    monkeypatch.delenv(KEY)
    assert warned in kpiaudit(*line).err
    monkeypatch.setenv(KEY, SECRET)
    assert warned not in kpiaudit(*line).err


def test_a_file_named_after_a_person_goes_by_a_pseudonym() -> None:
    pseudonyms = Pseudonyms(SECRET.encode())
    persons = words_of(["Rosa Vega"])
    told = export_name("in/answer to Rosa.eml", persons, pseudonyms)
    assert re.fullmatch(r"export-[a-z2-7]{10}\.eml", told)
    assert export_name("in/tickets.json", persons, pseudonyms) == "in/tickets.json"


@pytest.mark.skipif(os.name != "posix", reason="permissions are those of POSIX")
def test_files_that_name_people_are_their_owners_alone(tmp_path: Path) -> None:
    export = desk(tmp_path)
    for command, name in (("report", "r.json"), ("clocks", "c.csv"), ("normalize", "n.csv")):
        out = tmp_path / name
        assert kpiaudit(command, export, "--no-config", "-o", out).code == 0
        assert stat.S_IMODE(out.stat().st_mode) == 0o600
    bundle = tmp_path / "evidence.zip"
    assert kpiaudit("report", export, "--no-config", "--evidence", bundle).code == 0
    assert stat.S_IMODE(bundle.stat().st_mode) == 0o600


@pytest.mark.parametrize("line", ["explain {} c2 --text", "normalize {} --text"])
def test_text_is_not_shown_of_people_without_names(tmp_path: Path, line: str) -> None:
    ran = kpiaudit(*line.format(desk(tmp_path)).split(), "--pseudonymize")
    assert (ran.code, ran.out) == (2, "")
