"""A file that one mapping reads and another looks things up in."""

from __future__ import annotations

from typing import TYPE_CHECKING

from audits import report, sla, written

if TYPE_CHECKING:
    from pathlib import Path

POLICY = """
[sources.questions]
files = "questions.csv"
instance = "forum"
columns = { conversation_id = "id", sent_at = "at", event = { constant = "inbound" } }
[sources.answers]
files = "answers.csv"
instance = "forum"
join = [{ name = "asked", files = "questions.csv", on = { question = "id" } }]
[sources.answers.columns]
conversation_id = "question"
sent_at = "at"
event = { column = "who", same_as = "asked.who", values = { true = "inbound", false = "outbound" } }
"""
FILES = {
    "questions.csv": "id,at,who\n1,2026-03-02T09:00:00Z,mia\n",
    "answers.csv": "question,at,who\n1,2026-03-02T09:10:00Z,ana\n1,2026-03-02T09:20:00Z,mia\n",
}


def test_each_of_its_rows_is_counted_once(tmp_path: Path) -> None:
    found = report(written(tmp_path, FILES, POLICY + sla("first", "first_response", "1h")))
    assert found.integrity.holds
    assert (found.integrity.rows, found.integrity.used) == (3, 3)
    assert found.slas[0].figures.met == 1
