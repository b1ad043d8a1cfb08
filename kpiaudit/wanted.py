"""What a run needs read and run: columns of messages, dimensions of clocks, metrics."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Final

from kpiaudit.categories import columns_for
from kpiaudit.groupings import read_for
from kpiaudit.in_force import metrics_of
from kpiaudit.lexicon import is_asked
from kpiaudit.models import asked as models
from kpiaudit.schema import METRICS
from kpiaudit.scorecard import columns_needed, metrics_needed, names_needed

if TYPE_CHECKING:
    from kpiaudit.audit import Request


QUOTED: Final = frozenset({"text", "customer"})
"""What is read besides where messages are quoted: customers, for their names are to be replaced."""


def columns_wanted(request: Request, available: Sequence[str]) -> frozenset[str]:
    """Return the columns the dimensions, categories and KPIs of a run are read from.

    What bots deflect needs customers only where a source tells of bots, what self-service does wherever
    the policy maps it.
    """
    columns = columns_needed(request)
    is_mapped = any(mapping.kind == "self_service" for mapping in request.settings.sources)
    if not is_mapped and not {"author", "author_role"} & set(available):
        columns -= {"customer"}
    if request.quotes:
        columns |= QUOTED
    if is_scored(request):
        columns |= {"text"}
    return dimensions_wanted(request) | columns | columns_for(request.settings.categories)


def is_scored(request: Request) -> bool:
    """Return whether a run looks at texts for sentiment: one that counts KPIs under a policy that asks."""
    counts_none = request.is_inspection or request.all_columns or request.conversation is not None
    return is_asked(request.settings) and not counts_none


def dimensions_wanted(request: Request) -> frozenset[str]:
    """Return the dimensions of clocks this run groups, matches or shows by."""
    settings = request.settings
    names = {"channel", "team", "agent", *request.dimensions, *names_needed(request)}
    if request.pseudonyms is not None:
        names.add("customer")
    names |= {name for by in request.by for name in by}
    names |= models.READ_FOR if models.NAME in request.views else frozenset()
    for sla in settings.slas:
        names |= set(sla.when) | set(sla.goal_by)
    for exclusion in settings.exclusions:
        names |= set(exclusion.when)
    return read_for(names)


def metrics_wanted(request: Request) -> frozenset[str]:
    """Return the metrics the run's SLAs judge and its KPIs are made of, or all."""
    if request.all_metrics:
        return frozenset(METRICS)
    judged = {metric for sla in request.settings.slas for metric in metrics_of(sla)}
    return frozenset(judged | metrics_needed(request))
