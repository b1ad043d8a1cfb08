"""The colours and the style of charts, shared by the page and by charts in files of their own.

Colours are those of Okabe and Ito, darkened on light ground and lightened on dark until text in them has
a contrast of 4.5 and shapes 3; kept is a bluish green, missed a vermilion, and each has a sign or a word.
"""

from __future__ import annotations

from typing import Final

LIGHT: Final = """
--ground: #ffffff; --wash: #f4f6f8; --ink: #12171d; --soft: #4d5763; --rule: #dbe0e6;
--accent: #0b63a5; --pass: #0a7257; --fail: #b83a0c; --warn: #855700; --none: #5b6470;
--pass-wash: #e9f5f1; --fail-wash: #fdf0ea; --warn-wash: #fbf4e4; --none-wash: #f1f3f5;
--d0: #eef1f4; --d1: #cfe1f1; --d2: #9dc3e2; --d3: #5f9dcd; --d4: #2a76b1; --d5: #0b4d83;
--b0: #eef1f4; --b1: #fadccd; --b2: #f3b08f; --b3: #e27f50; --b4: #c4531e; --b5: #8a3005;
"""

DARK: Final = """
--ground: #11151a; --wash: #1a2027; --ink: #eef2f6; --soft: #aab4bf; --rule: #303944;
--accent: #6fb7ee; --pass: #4fc7a1; --fail: #ff9263; --warn: #e6b657; --none: #a3adb8;
--pass-wash: #12271f; --fail-wash: #2d1a12; --warn-wash: #2a2212; --none-wash: #1e242b;
--d0: #1d242c; --d1: #1d3a54; --d2: #235b8a; --d3: #3280bd; --d4: #66abdf; --d5: #b5dcf8;
--b0: #1d242c; --b1: #4a2818; --b2: #7c3d1b; --b3: #b55724; --b4: #e8834b; --b5: #ffc3a0;
"""

FONT: Final = (
    '-apple-system, "Segoe UI", Roboto, "Helvetica Neue", "Noto Sans", "Liberation Sans", Arial, '
    "system-ui, sans-serif"
)

CHART_STYLE: Final = f"""
svg text {{ font: 12px {FONT}; font-variant-numeric: tabular-nums; fill: var(--soft); }}
svg text.end {{ text-anchor: end; }}
svg text.mid {{ text-anchor: middle; }}
svg text.value {{ fill: var(--ink); font-weight: 600; stroke: var(--ground); stroke-width: 4px;
  paint-order: stroke; stroke-linejoin: round; }}
svg text.goal {{ fill: var(--ink); font-weight: 600; }}
svg text.title {{ fill: var(--ink); font-size: 18px; font-weight: 600; }}
svg text.finding {{ font-size: 13px; }}
svg .ground {{ fill: var(--ground); }}
svg .grid {{ stroke: var(--rule); stroke-width: 1; }}
svg .axis {{ stroke: var(--soft); stroke-width: 1; }}
svg line.goal {{ stroke: var(--ink); stroke-width: 1.5; stroke-dasharray: 5 4; }}
svg .line {{ fill: none; stroke: var(--accent); stroke-width: 2.25; stroke-linejoin: round;
  stroke-linecap: round; }}
svg .line.cut {{ stroke-width: 1.75; stroke-dasharray: 2 4; }}
svg .dot {{ fill: var(--accent); stroke: var(--ground); stroke-width: 1.5; }}
svg .dot.under {{ fill: var(--ground); stroke: var(--fail); stroke-width: 2; }}
svg .end:not(text) {{ fill: var(--accent); }}
svg .partial {{ fill: var(--wash); }}
svg .bar {{ fill: var(--accent); }}
svg .bar.over {{ fill: var(--fail); }}
svg [class^="h"] {{ fill: currentcolor; }}
svg path[class^="h"] {{ fill: none; stroke: currentcolor; stroke-width: .91; stroke-dasharray: .94 .06; }}
svg .h0 {{ color: var(--d0); }} svg .h1 {{ color: var(--d1); }} svg .h2 {{ color: var(--d2); }}
svg .h3 {{ color: var(--d3); }} svg .h4 {{ color: var(--d4); }} svg .h5 {{ color: var(--d5); }}
svg.breaches .h1 {{ color: var(--b1); }} svg.breaches .h2 {{ color: var(--b2); }}
svg.breaches .h3 {{ color: var(--b3); }} svg.breaches .h4 {{ color: var(--b4); }}
svg.breaches .h5 {{ color: var(--b5); }}
"""
