"""Charts as inline SVG: pure functions from values of a report to markup, a finding and a table."""
