"""Pictures of the report for the pages: python scripts/screenshots.py (needs playwright and a Chromium)."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import tempfile
from io import StringIO
from pathlib import Path

from playwright.sync_api import Browser, sync_playwright
from rich.console import Console
from rich.terminal_theme import MONOKAI
from rich.text import Text

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZES = {
    "report": ("light", 1200, 1010),
    "report-dark": ("dark", 1200, 790),
    "report-phone": ("light", 390, 790),
}
COLUMNS, LINES = 88, 40
"""Of the picture of a terminal."""
FRAME = """<!doctype html><meta charset="utf-8"><style>
body {{ margin: 0; background: {background}; color: {foreground} }}
pre {{ margin: 14px 18px; font: 14px/1.28 "DejaVu Sans Mono", "Liberation Mono", monospace; width: max-content }}
</style><pre>{code}</pre>"""
SHOWN = "kpiaudit report sample_exports/"


def terminal() -> str:
    """Return a page that shows the head of the report as a terminal does."""
    there = {"FORCE_COLOR": "1", "COLUMNS": str(COLUMNS), "TERM": "xterm-256color"}
    command = ["-m", "kpiaudit", *SHOWN.split()[1:], "--quiet"]
    done = subprocess.run(
        [sys.executable, *command],
        cwd=ROOT,
        env={**os.environ, **there},
        capture_output=True,
        text=True,
        check=True,
    )
    head = "\n".join([f"$ {SHOWN}", *done.stdout.splitlines()[:LINES]])
    console = Console(record=True, width=COLUMNS, file=StringIO())
    console.print(Text.from_ansi(head), soft_wrap=True)
    return console.export_html(theme=MONOKAI, code_format=FRAME, inline_styles=True)


def shoot(browser: Browser, page: Path, shell: Path) -> None:
    """Write every picture: the page light, dark and narrow, and the terminal."""
    for name, (scheme, width, height) in SIZES.items():
        opened = browser.new_page(
            viewport={"width": width, "height": height},
            color_scheme="dark" if scheme == "dark" else "light",
        )
        opened.goto(page.as_uri())
        opened.screenshot(path=IMAGES / f"{name}.png")
        opened.close()
    opened = browser.new_page(viewport={"width": 800, "height": 600})
    opened.goto(shell.as_uri())
    wide, high = opened.evaluate(
        "(() => { const b = document.querySelector('pre').getBoundingClientRect();"
        " return [b.right + 18, b.bottom + 14] })()"
    )
    opened.set_viewport_size({"width": int(wide), "height": int(high)})
    opened.screenshot(path=IMAGES / "terminal.png")
    opened.close()


def main() -> None:
    """Audit the samples, open the page and the terminal in a browser, and write what they look like."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        sys.exit(f"no browser found: none of {', '.join(NAMES)}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page = Path(folder) / "report.html"
        command = ["-m", "kpiaudit", "report", "sample_exports", "--quiet", "-o", str(page)]
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        shell = Path(folder) / "terminal.html"
        shell.write_text(terminal(), encoding="utf-8")
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        shoot(browser, page, shell)
        browser.close()
    for name in (*SIZES, "terminal"):
        print(f"{name}.png {(IMAGES / f'{name}.png').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
