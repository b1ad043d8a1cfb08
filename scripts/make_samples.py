"""Write `sample_exports/`: four weeks of an invented firm, the same bytes on every run.

    python scripts/make_samples.py [FOLDER]

Only the data files are written; the README and the policy beside them are kept by hand. What a
reader must find in each export goes to stdout as JSON.
"""

from __future__ import annotations

import argparse
import json
import sys
from pathlib import Path

from sampling import chat, crm, twcs, zendesk

SEED = 20260831
EXPORTS = {
    "twitter_twcs": twcs.make,
    "zendesk_json": zendesk.make,
    "kpiaudit_messages": chat.make,
    "our_crm": crm.make,
}


def main() -> None:
    """Write every export below the folder named, by default the repository's own."""
    parser = argparse.ArgumentParser(description="Write the sample exports.")
    default = Path(__file__).resolve().parent.parent / "sample_exports"
    parser.add_argument("folder", nargs="?", type=Path, default=default)
    folder = parser.parse_args().folder
    found = {}
    for name, make in EXPORTS.items():
        files, found[name] = make(SEED)
        for path, text in files.items():
            target = folder / path
            target.parent.mkdir(parents=True, exist_ok=True)
            target.write_bytes(text.encode())
    json.dump(found, sys.stdout, indent=2)
    sys.stdout.write("\n")


if __name__ == "__main__":
    main()
