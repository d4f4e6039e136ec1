"""What errors say: their sentences, with codes of ours in words and fen as money, never as programs have them."""

from __future__ import annotations

from collections.abc import Mapping

from fanzha.i18n import Language, catalogue, text
from fanzha.i18n.sums import whole_money
from fanzha.kernel.errors import FanzhaError

_ORDERS: Mapping[str, tuple[str, ...]] = {
    "effect": ("words.effect.{}",),
    "delivery": ("words.delivery.{}",),
    "act": ("words.order_act.{}", "words.order_do.{}"),
    "kind": ("words.order_kind.{}",),
    "target": ("words.target.{}",),
    "trade": ("words.trade.{}",),
    "paper": ("words.instruction_paper.{}",),
    "unit": ("words.term_unit.{}",),
    "capacity": ("papers.capacity.{}",),
}
_SECTIONS: Mapping[str, Mapping[str, tuple[str, ...]]] = {
    "access": {"permission": ("words.permission.{}",)},
    "orders": _ORDERS,
    "objections": _ORDERS,
    "papers": {
        "form": ("papers.form.{}.title",),
        "fact": ("papers.label.{}", "words.paper_fact.{}"),
        "paper": ("words.instruction_paper.{}",),
    },
    "connectors": {"reason": ("words.line_fault.{}",)},
    "institutions": {"connector": ("words.connector.{}",), "kind": ("words.message_kind.{}",)},
    "reports": {"needed": ("words.report_column.{}",), "type": ("words.scam_type.{}",)},
    "web": {"name": ("web.filter.{}", "web.column.{}")},
    "web.bad_field": {},
    "work": {"kind": ("words.work_kind.{}",)},
}
"""By an error's code, or the first part of it, and the name of a field: the sentences that may know its codes.

The field of a body is told as whoever wrote the body knows it.
"""


def error_text(language: Language, error: FanzhaError) -> str:
    """What was wrong, where, what to do: the sentence of an error."""
    return text(language, f"errors.{error.code}", **worded(language, error.code, error.fields))


def worded(language: Language, code: str, fields: Mapping[str, object]) -> dict[str, object]:
    """The fields of the error `code` in words; what is no code of ours stays as it is."""
    sections = _SECTIONS.get(code, _SECTIONS.get(code.partition(".")[0], {}))
    return {name: _worded(language, name, value, sections.get(name, ())) for name, value in fields.items()}


def _worded(language: Language, name: str, value: object, sections: tuple[str, ...]) -> object:
    if name.endswith("_fen") and isinstance(value, int):
        return whole_money(value)
    if not sections or not isinstance(value, str):
        return value
    sentences, between = catalogue(language), catalogue(language)["words.law.and"]
    return between.join(_word(sentences, each.strip(), sections) for each in value.split(","))


def _word(sentences: Mapping[str, str], code: str, sections: tuple[str, ...]) -> str:
    keys = (each.replace("{}", code) for each in sections)
    return next((sentences[each] for each in keys if each in sentences), code)
