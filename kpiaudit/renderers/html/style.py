"""The style of the page: one sheet for screen, dark screen, phone and paper. Nothing in it comes from data."""

from __future__ import annotations

import re
from typing import Final

from kpiaudit.charts.style import CHART_STYLE, DARK, FONT, LIGHT

SERIF: Final = (
    'Charter, "Bitstream Charter", "Iowan Old Style", "Palatino Linotype", "Source Serif 4", '
    'Georgia, Gelasio, "Noto Serif", serif'
)

GROUND: Final = f"""
:root {{ color-scheme: light dark; {LIGHT} }}
@media screen and (prefers-color-scheme: dark) {{ :root {{ {DARK} }} }}
*, ::before, ::after {{ box-sizing: border-box; }}
html {{ -webkit-text-size-adjust: 100%; text-size-adjust: 100%; }}
body {{ margin: 0; background: var(--ground); color: var(--ink); font: 16px/1.55 {FONT};
  font-variant-numeric: lining-nums; overflow-wrap: break-word; }}
.wrap {{ max-width: 1120px; margin: 0 auto; padding: 0 32px; }}
h1, h2, h3, h4, p, ul, ol, dl, dd, figure, table {{ margin: 0; padding: 0; }}
h1, h2, h3, h4, p, li, dt, dd, caption, summary, footer {{ overflow-wrap: anywhere; }}
h1 {{ font: 600 clamp(28px, 4.2vw, 44px)/1.15 {SERIF}; letter-spacing: -.012em; text-wrap: balance;
  max-width: 24em; }}
h2 {{ font: 600 27px/1.2 {SERIF}; letter-spacing: -.006em; text-wrap: balance; }}
h3 {{ font-size: 17px; line-height: 1.35; font-weight: 650; text-wrap: balance; }}
h4 {{ font-size: 14px; line-height: 1.4; font-weight: 650; }}
a {{ color: var(--accent); text-underline-offset: .2em; text-decoration-thickness: 1px; }}
:focus-visible {{ outline: 3px solid var(--accent); outline-offset: 2px; border-radius: 3px; }}
.soft {{ color: var(--soft); }}
.nowrap {{ white-space: nowrap; }}
.unseen {{ position: absolute; width: 1px; height: 1px; overflow: hidden; clip-path: inset(50%);
  white-space: nowrap; }}
.skip {{ position: absolute; left: -9999px; }}
.skip:focus {{ left: 16px; top: 8px; padding: 8px 12px; background: var(--ground); z-index: 1; }}
code {{ font: .92em/1.4 ui-monospace, SFMono-Regular, Menlo, Consolas, "Liberation Mono", monospace;
  overflow-wrap: anywhere; }}
"""

COVER: Final = """
.cover { padding: 36px 0 20px; }
.over { font-size: 13px; letter-spacing: .02em; color: var(--soft); margin-bottom: 14px;
  display: flex; flex-wrap: wrap; justify-content: space-between; gap: 4px 24px; }
.over b { color: var(--ink); font-weight: 650; }
.verdict { display: flex; align-items: center; gap: 14px; margin: 20px 0 0; padding: 13px 18px;
  border-radius: 10px; border: 1px solid; }
.verdict strong { font-size: 21px; line-height: 1.25; font-weight: 680; letter-spacing: -.01em; }
.verdict .why { color: var(--ink); }
.verdict .sign { width: 34px; height: 34px; font-size: 19px; }
.verdict .words { min-width: 0; display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 14px; }
.sign { display: inline-flex; flex: none; align-items: center; justify-content: center; width: 20px;
  height: 20px; border-radius: 50%; font-size: 12px; line-height: 1; font-weight: 700;
  color: var(--ground); background: var(--none); font-variant-emoji: text; }
.pass .sign, .sign.pass { background: var(--pass); } .fail .sign, .sign.fail { background: var(--fail); }
.warn .sign, .sign.warn { background: var(--warn); }
.verdict.pass { background: var(--pass-wash); border-color: var(--pass); color: var(--pass); }
.verdict.fail { background: var(--fail-wash); border-color: var(--fail); color: var(--fail); }
.verdict.warn { background: var(--warn-wash); border-color: var(--warn); color: var(--warn); }
.verdict.no_data { background: var(--none-wash); border-color: var(--none); color: var(--none); }
td .soft + .state, td span + .state { margin-left: 10px; }
.state { display: inline-flex; align-items: center; gap: 7px; font-weight: 600; white-space: nowrap; }
.state.pass { color: var(--pass); } .state.fail { color: var(--fail); }
.state.warn { color: var(--warn); } .state.no_data { color: var(--none); }
.figures { list-style: none; display: grid; grid-template-columns: repeat(3, 1fr); margin: 22px 0 0;
  border-top: 1px solid var(--rule); }
.figures li { padding: 15px 22px 14px; border-bottom: 1px solid var(--rule); min-width: 0;
  border-left: 1px solid var(--rule); display: grid; grid-template-columns: 1fr 42%;
  grid-template-rows: auto auto 1fr; column-gap: 14px; }
.figures li:nth-child(3n + 1) { border-left: 0; padding-left: 0; }
.figures li:nth-child(3n) { padding-right: 0; }
.figures .name { font-size: 14px; color: var(--soft); grid-column: 1 / -1; }
.figures .value { font-size: 33px; line-height: 1.2; font-weight: 640; letter-spacing: -.022em;
  white-space: nowrap; }
.figures .value.fail { color: var(--fail); } .figures .value.warn { color: var(--warn); }
.figures .value.pass { color: var(--pass); }
.figures .note { font-size: 13px; line-height: 1.45; color: var(--soft); grid-column: 1 / -1; }
.figures .spark { align-self: center; }
.dashed { margin-top: 8px; font-size: 13px; color: var(--soft); }
.numbers { margin-top: 6px; } .numbers table { width: 100%; } .numbers td { text-align: right; } .numbers th[scope=row] { white-space: nowrap; }
.facts { display: grid; grid-template-columns: fit-content(40%) minmax(0, 1fr); gap: 3px 18px; margin-top: 18px;
  font-size: 14px; }
.facts dt { color: var(--soft); } .facts dd { min-width: 0; }
.warnings { margin-top: 16px; padding: 11px 18px; border-left: 4px solid var(--warn);
  background: var(--warn-wash); font-size: 14px; border-radius: 0 8px 8px 0; }
.warnings h2 { font-family: inherit; font-size: 14px; line-height: 1.5; letter-spacing: 0;
  color: var(--warn); }
.warnings ul { padding-left: 18px; }
nav { border-block: 1px solid var(--rule); margin-top: 22px; padding: 9px 0; font-size: 14px; }
nav ol { list-style: none; display: flex; flex-wrap: wrap; gap: 4px 22px; }
nav a { display: inline-block; padding: 2px 0; text-decoration: none; }
nav a:hover { text-decoration: underline; }
"""

BODY: Final = """
section.part { padding: 44px 0 4px; scroll-margin-top: 8px; }
.lede { margin-top: 6px; color: var(--soft); max-width: 50em; text-wrap: pretty; }
h3.next { margin-top: 34px; }
.grid { display: grid; grid-template-columns: repeat(2, minmax(0, 1fr)); gap: 36px 44px;
  margin-top: 24px; }
.grid > .wide { grid-column: 1 / -1; }
figure { min-width: 0; }
figcaption p { font-size: 14px; color: var(--soft); margin-top: 3px; max-width: 52em; }
svg { display: block; width: 100%; }
svg.chart { overflow: visible; margin-top: 12px; }
svg.trend { padding: 0 64px 0 44px; } svg.distribution { padding: 0 16px 0 44px; }
svg.demand, svg.answers, svg.backlog, svg.breaches { padding: 0 4px 0 40px; }
svg.spark { height: 30px; overflow: visible; }
svg.share { min-width: 84px; height: 14px; color: var(--none);
  background: linear-gradient(var(--rule), var(--rule)) 0 3px / 100% 8px no-repeat; }
svg.share rect { fill: currentcolor; } svg.share line { stroke: var(--ink); stroke-width: 2; }
svg.share.pass { color: var(--pass); } svg.share.fail { color: var(--fail); }
svg.share.warn { color: var(--warn); } svg.share .allowed { fill: var(--soft); }
svg.clock { margin: 8px 0 4px; border-radius: 3px; max-width: 58em; background: var(--rule); }
svg .ticking { fill: var(--accent); } svg .late { fill: var(--fail); }
svg .paused { fill: var(--warn); }
.spans td:nth-child(n + 3), .spans th:nth-child(n + 3) { text-align: right; white-space: nowrap; }
.spans th, .spans td { padding-block: 3px; } .spans tbody th { font-weight: 400; white-space: nowrap; }
.spans tr:last-child > * { font-weight: 600; }
.keys { margin-top: 10px; font-size: 13px; color: var(--soft); } .keys > span { margin-right: 16px; }
.key.ticking { background: var(--accent); } .key.late { background: var(--fail); }
.key.paused { background: var(--warn); } .key.off { background: var(--rule); }
svg.stack { border-radius: 5px; margin: 14px 0 8px; }
svg .used { fill: var(--accent); } svg .duplicates { fill: var(--d2); }
svg .skipped { fill: var(--none); } svg .rejects { fill: var(--fail); }
.scroll { overflow-x: auto; margin-top: 14px; position: relative; }
.scroll + .scroll { margin-top: 30px; }
table.even { table-layout: fixed; min-width: 860px; }
.even th:nth-child(1) { width: 23%; } .even th:nth-child(2) { width: 17%; }
table { border-collapse: collapse; width: 100%; font-size: 14px; line-height: 1.4; }
caption { text-align: left; padding-bottom: 6px; font-weight: 650; }
caption .soft { font-weight: 400; }
th, td { padding: 8px 0 8px 18px; text-align: left; vertical-align: top; font-weight: 400; }
th:first-child, td:first-child { padding-left: 0; }
thead th { font-size: 13px; color: var(--soft); vertical-align: bottom; border-bottom: 1.5px solid var(--soft);
  padding-block: 4px; }
tbody tr + tr > * { border-top: 1px solid var(--rule); }
tbody th { font-weight: 600; } tbody th .soft { font-weight: 400; display: block; font-size: 13px; }
td, .num { font-variant-numeric: tabular-nums lining-nums; }
.num { text-align: right; white-space: nowrap; }
td.zero { color: var(--soft); }
td.fail { color: var(--fail); font-weight: 600; } td.pass { font-weight: 600; }
td.warn { color: var(--warn); font-weight: 600; }
th.bar, td.bar { width: 17%; min-width: 104px; } td.bar { padding-top: 11px; }
th.name { min-width: 12em; max-width: 26em; overflow-wrap: anywhere; }
.asides, .plain { list-style: none; margin-top: 12px; font-size: 14px; color: var(--soft); }
.plain li + li { margin-top: 3px; }
details { margin-top: 10px; font-size: 14px; }
summary { position: relative; color: var(--accent); cursor: pointer; width: fit-content; padding: 2px 0; }
details table { font-size: 13px; width: auto; }
details .scroll { max-height: 420px; overflow: auto; }
figure details th, figure details td { padding-block: 3px; white-space: nowrap; }
figure details td { text-align: right; } details table.files { width: 100%; }
.files th.name { max-width: none; width: 50%; }
.cases { list-style: none; margin-top: 18px; display: grid; gap: 0; }
.cases > li { border-top: 1px solid var(--rule); padding: 16px 0 18px; display: grid;
  grid-template-columns: 190px minmax(0, 1fr); gap: 6px 32px; break-inside: avoid; }
.cases .over-by { font-size: 23px; line-height: 1.2; font-weight: 640; letter-spacing: -.015em;
  color: var(--fail); white-space: nowrap; margin: 0; display: block; }
.cases p + p { margin-top: 5px; } .cases p { max-width: 58em; }
.cases .small { font-size: 13px; color: var(--soft); }
.claims { list-style: none; margin-top: 8px; }
.claims li { display: grid; grid-template-columns: 132px minmax(0, 1fr) auto; gap: 2px 20px;
  padding: 9px 0; border-top: 1px solid var(--rule); font-size: 14px; }
.pairs { display: grid; grid-template-columns: fit-content(40%) minmax(0, 1fr); gap: 5px 26px;
  margin-top: 14px; font-size: 14px; }
.pairs dt { color: var(--soft); }
.sum { font-size: 15px; margin-top: 14px; } .sum b { font-weight: 650; }
.key { display: inline-block; width: 11px; height: 11px; border-radius: 3px; margin-right: 6px; }
.key.used { background: var(--accent); } .key.duplicates { background: var(--d2); }
.key.skipped { background: var(--none); } .key.rejects { background: var(--fail); }
footer { margin: 56px 0 40px; padding-top: 14px; border-top: 1px solid var(--rule); font-size: 13px;
  color: var(--soft); }
"""

PHONE: Final = """
@media (max-width: 760px) {
  .wrap { padding: 0 18px; }
  .cover { padding-top: 22px; }
  .figures { grid-template-columns: repeat(2, 1fr); }
  .figures li { grid-template: auto auto auto 1fr / 1fr; padding: 12px 14px; }
  .figures li:nth-child(n) { border-left: 1px solid var(--rule); padding: 12px 0 12px 14px; }
  .figures li:nth-child(odd) { border-left: 0; padding: 12px 14px 12px 0; }
  .figures .value { font-size: 27px; }
  .figures .spark { margin: 4px 0; } .figures li > span { display: none; }
  td.bar, th.bar { display: none; } th.name { min-width: 9.5em; }
  table { font-size: 13px; } th, td { padding-left: 10px; } table.even { min-width: 640px; }
  .grid { grid-template-columns: minmax(0, 1fr); gap: 34px; }
  section.part { padding-top: 36px; }
  h2 { font-size: 24px; }
  .facts { grid-template-columns: 1fr; gap: 0; } .facts dd { margin-bottom: 7px; }
  .pairs { grid-template-columns: 1fr; gap: 0; } .pairs dd { margin-bottom: 7px; }
  .cases > li { grid-template-columns: 1fr; }
  .claims li { grid-template-columns: 1fr auto; }
  .claims .state { grid-column: 1 / -1; }
  nav ol { gap: 4px 16px; }
}
"""

PAPER: Final = """
@page { size: A4; margin: 15mm 14mm 16mm; }
@media print {
  body { font-size: 10pt; line-height: 1.45; print-color-adjust: exact; -webkit-print-color-adjust: exact; }
  .wrap { max-width: none; padding: 0; }
  .cover { padding: 0 0 8px; }
  nav, .skip, .screen, details { display: none; }
  h1 { font-size: 25pt; } h2 { font-size: 16pt; } h3 { font-size: 11.5pt; }
  .verdict { padding: 9px 14px; margin-top: 14px; } .verdict strong { font-size: 14pt; }
  .figures { margin-top: 14px; } .figures .value { font-size: 20pt; }
  .figures li { padding-block: 9px; }
  section.part { padding-top: 22px; }
  section.part > h2, h3, h4, caption, .lede { break-after: avoid; }
  figure, tr, .figures li, .claims li { break-inside: avoid; }
  thead { display: table-header-group; } td:not(.num), thead th:first-child { overflow-wrap: anywhere; }
  .grid { gap: 20px 28px; margin-top: 14px; }
  .scroll { overflow: visible; break-inside: avoid; } table.even { min-width: 0; }
  .even th:nth-child(1) { width: 20%; } .even th:nth-child(2) { width: 13%; }
  table { font-size: 8.5pt; } th, td { padding: 4px 0 4px 10px; } thead th { font-size: 8pt; }
  .facts, .pairs, .plain, .claims li, figcaption p, .warnings { font-size: 8.5pt; }
  th.bar, td.bar { width: 15%; min-width: 60px; } td.bar { padding-top: 5px; } svg.share { min-width: 50px; }
  th.name { min-width: 112px; } tbody th .soft { font-size: 7.5pt; }
  td .sign { width: 14px; height: 14px; font-size: 9px; }
  .cases > li { padding: 9px 0; grid-template-columns: 120px minmax(0, 1fr); }
  .cases .over-by { font-size: 14pt; } .cases p, .cases .small { font-size: 8.5pt; }
  footer { margin: 22px 0 0; }
}
"""


def sheet() -> str:
    """Return the whole style sheet, without the line ends and spaces it is written with."""
    written = GROUND + CHART_STYLE + COVER + BODY + PHONE + PAPER
    return re.sub(r"\s*([{};])\s*", r"\1", re.sub(r"\s+", " ", written)).strip()
