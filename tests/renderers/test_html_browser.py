"""The page as a browser shows it: it says nothing on the console, asks for nothing, and axe finds nothing."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING

import pytest
from attacks import HTML
from report_year import a_year
from reports import a_quiet_report, a_report, with_words

from kpiaudit.renderers import html

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

pytestmark = pytest.mark.browser

NAMES = ("chromium", "chromium-browser", "google-chrome", "chrome")
WIDTHS = {"light": 1280, "dark": 1280, "phone": 390, "print": 688}
REPORTS = {
    "board": a_report(),
    "quiet": a_quiet_report(),
    "year": a_year(),
    "hostile": with_words(a_report(), "".join(HTML)),
    "long words": with_words(a_report(), "W" * 120),
}
READ = [
    *(("board", way) for way in WIDTHS),
    *((name, way) for name in ("hostile", "long words") for way in ("phone", "print")),
    ("quiet", "phone"),
    ("year", "light"),
]


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    """A headless Chromium of the machine's own; without one the tests are skipped."""
    playwright = pytest.importorskip("playwright.sync_api", reason="playwright is not installed")
    found = next(filter(None, map(shutil.which, NAMES)), None)
    if found is None:
        pytest.skip(f"no browser on this machine: none of {', '.join(NAMES)}")
    with playwright.sync_playwright() as driver:
        opened = driver.chromium.launch(executable_path=found, args=["--no-sandbox"])
        yield opened
        opened.close()


@pytest.fixture
def said() -> list[str]:
    """Everything a page logs, throws or asks for."""
    return []


@pytest.fixture(params=READ, ids=" ".join)
def page(
    browser: Browser, request: pytest.FixtureRequest, tmp_path: Path, said: list[str]
) -> Iterator[Page]:
    """One of the reports, opened from a file one of the ways it is read."""
    name, way = request.param
    written = tmp_path / "report.html"
    written.write_text(html.render(REPORTS[name]), encoding="utf-8")
    context = browser.new_context(
        viewport={"width": WIDTHS[way], "height": 800},
        color_scheme="dark" if way == "dark" else "light",
    )
    opened = context.new_page()
    opened.on("console", lambda message: said.append(message.text))
    opened.on("pageerror", lambda error: said.append(str(error)))
    opened.on("request", lambda asked: said.append(asked.url))
    opened.emulate_media(media="print" if way == "print" else "screen")
    opened.goto(written.as_uri())
    yield opened
    context.close()


def test_a_page_is_quiet_fits_its_width_and_has_no_axe_violation(
    page: Page, said: list[str]
) -> None:
    axe = pytest.importorskip("axe_playwright_python.sync_playwright")
    assert said == [page.url]
    assert page.evaluate("document.scripts.length") == 0
    assert page.evaluate("document.documentElement.scrollWidth - innerWidth") <= 0
    found = axe.Axe().run(page)
    assert found.violations_count == 0, found.generate_report()


def test_dark_is_dark_and_light_is_light(browser: Browser, tmp_path: Path) -> None:
    written = tmp_path / "report.html"
    written.write_text(html.render(a_report()), encoding="utf-8")
    grounds = {}
    for scheme in ("light", "dark"):
        opened = browser.new_page(color_scheme=scheme)
        opened.goto(written.as_uri())
        grounds[scheme] = opened.evaluate("getComputedStyle(document.body).backgroundColor")
        opened.close()
    assert grounds == {"light": "rgb(255, 255, 255)", "dark": "rgb(17, 21, 26)"}


def test_paper_is_white_in_the_dark(browser: Browser, tmp_path: Path) -> None:
    written = tmp_path / "report.html"
    written.write_text(html.render(a_report()), encoding="utf-8")
    opened = browser.new_page(color_scheme="dark")
    opened.emulate_media(media="print")
    opened.goto(written.as_uri())
    ground = "getComputedStyle(document.body).backgroundColor"
    assert opened.evaluate(ground) == "rgb(255, 255, 255)"
    assert opened.pdf(prefer_css_page_size=True).startswith(b"%PDF")
    opened.close()


def test_a_bar_is_as_wide_as_its_share(browser: Browser, tmp_path: Path) -> None:
    """No rule of the page gets at a shape inside a chart: measured against the attribute."""
    written = tmp_path / "report.html"
    written.write_text(html.render(a_report()), encoding="utf-8")
    opened = browser.new_page(viewport={"width": 1280, "height": 800})
    opened.goto(written.as_uri())
    wrong = opened.evaluate(
        """() => [...document.querySelectorAll('svg.distribution rect')].filter(rect => {
            const area = rect.closest('svg').getBoundingClientRect().width - 60;
            const asked = parseFloat(rect.getAttribute('width')) / 100 * area;
            return Math.abs(rect.getBoundingClientRect().width - asked) > 1;
        }).map(rect => rect.outerHTML)"""
    )
    assert wrong == []
    opened.close()
