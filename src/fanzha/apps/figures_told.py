"""Figures as JSON: one shape for the command line and the API."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

from fanzha.adapters.store.hour_figures import Ended
from fanzha.kernel.clock import rfc3339
from fanzha.kernel.ids import InstitutionId
from fanzha.statistics.hour import Span
from fanzha.wiring.figures import HourFigures


def figures_told(found: HourFigures, institutions: Mapping[InstitutionId, str]) -> dict[str, object]:
    """The figures of the hour; institutions by their short names, times RFC 3339, spans in seconds."""
    over = found.over
    return {
        "since": rfc3339(over.since),
        "until": rfc3339(over.until),
        "unit": over.unit,
        "institution": None if over.institution_id is None else institutions.get(over.institution_id, ""),
        "units": [
            {
                "unit": each.unit_path,
                "incidents": each.incidents,
                **{f"report_to_{measure}": _span(told) for measure, told in each.spans.items()},
            }
            for each in found.units
        ],
        "held_by_delay": [
            {
                "delay": each.band,
                "incidents": each.incidents,
                "lost_fen": each.lost_fen,
                "held_fen": each.held_fen,
                "share_ppm": each.share_ppm,
            }
            for each in found.delays
        ],
        "institutions": [
            {
                "institution": institutions.get(each.institution_id, ""),
                "kind": each.kind,
                "sent": each.sent,
                "answers": _span(each.answers),
                "unanswered": each.unanswered,
                "failures": [{"code": code, "count": count} for code, count in each.failures.items()],
            }
            for each in found.banks
        ],
        "lapsed_stops": {"count": len(found.lapsed), "had_held_fen": _fen(found.lapsed)},
        "released_as_unrelated": {
            "count": len(found.released),
            "released_fen": _fen(found.released),
            "fen_hours": sum(each.fen_hours for each in found.released),
        },
    }


def _span(told: Span) -> dict[str, object]:
    return {"count": told.count, "median_s": told.median_s, "p90_s": told.p90_s}


def _fen(ended: Sequence[Ended]) -> int:
    return sum(each.fen for each in ended)
