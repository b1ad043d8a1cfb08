"""Pictures of the report for the README: python scripts/screenshots.py (needs playwright and a Chromium)."""

from __future__ import annotations

import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
IMAGES = ROOT / "docs" / "images"
NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
SIZES = {
    "report": ("light", 1200, 1010),
    "report-dark": ("dark", 1200, 790),
    "report-phone": ("light", 390, 790),
}


def main() -> None:
    """Audit the samples, open the page light, dark and narrow, and write what it looks like."""
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        sys.exit(f"no browser found: none of {', '.join(NAMES)}")
    IMAGES.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as folder, sync_playwright() as driver:
        page = Path(folder) / "report.html"
        command = ["-m", "kpiaudit", "report", "sample_exports", "--quiet", "-o", str(page)]
        subprocess.run([sys.executable, *command], cwd=ROOT, check=True, stdout=subprocess.DEVNULL)
        browser = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        for name, (scheme, width, height) in SIZES.items():
            opened = browser.new_page(
                viewport={"width": width, "height": height},
                color_scheme="dark" if scheme == "dark" else "light",
            )
            opened.goto(page.as_uri())
            opened.screenshot(path=IMAGES / f"{name}.png")
            opened.close()
        browser.close()
    for name in SIZES:
        print(f"{name}.png {(IMAGES / f'{name}.png').stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
