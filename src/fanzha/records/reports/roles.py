"""What the words around an amount make of it: paid, received, asked for, a sum, a balance or only mentioned."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

from fanzha.records.reports.bare_sums import BEHIND_VERB
from fanzha.records.reports.findings import Amount, Certainty, Role, Side
from fanzha.records.reports.page import Mark, Page

_ROLES: dict[str, Role] = {
    "pay": Role.PAID,
    "done": Role.PAID,
    "deposit": Role.PAID,
    "receive": Role.RECEIVED,
    "reverse": Role.REVERSED,
    "fail": Role.FAILED,
    "balance": Role.BALANCE,
    "loss": Role.LOSS,
    "mention": Role.MENTIONED,
    "label.pay_amount": Role.PAID,
}
_FARTHEST = 40
"""How far back in a sentence a word still speaks of an amount."""
_BEHIND = 10
_SOON = 60
_SHORT_LINE = 14
_ADVERB = 4


def with_roles(page: Page, amounts: Sequence[Amount]) -> list[Amount]:
    """The amounts, each with its role; those asked for and then paid as told become paid."""
    given: list[Amount] = []
    for place, amount in enumerate(amounts):
        since = given[-1].end if given else 0
        until = amounts[place + 1].start if place + 1 < len(amounts) else len(page.plain)
        alone = page.clause(until)[0] if place + 1 < len(amounts) else until
        role, certainty, reasons = _role(page, amount, (since, until, alone), given[-1] if given else None)
        sure = max(amount.certainty, certainty, key=_weakness)
        given.append(replace(amount, role=role, certainty=sure, reasons=(*amount.reasons, *reasons)))
    return given


def _weakness(certainty: Certainty) -> int:
    return list(Certainty).index(certainty)


Told = tuple[Role, Certainty, tuple[str, ...]]


def _role(page: Page, amount: Amount, free: tuple[int, int, int], last: Amount | None) -> Told:
    """The role of one amount; `free` ends the amount before, begins the next one, and begins the next one's clause."""
    sentence_start, sentence_end = page.sentence(amount.start)
    clause_start, clause_end = page.clause(amount.start)
    since = max(free[0], clause_start)
    ahead = list(page.before(amount.start, since=since))
    behind = page.between(amount.end, min(free[1], clause_end))
    told = _by_clause(page, amount, ahead, behind)
    if told is None:
        told = _by_sentence(page, amount, max(sentence_start, clause_start - _FARTHEST), clause_start, last)
    return _corrected(page, amount, told, (min(free[1], sentence_end), free[2]))


def _by_clause(page: Page, amount: Amount, ahead: list[Mark], behind: Sequence[Mark]) -> Told | None:
    kinds = [mark.kind for mark in ahead]
    if "sum" in kinds and not {"apart", "each", "balance", "receive"} & set(kinds):
        return (Role.LOSS if "loss" in kinds else Role.SUM), Certainty.LIKELY, ("said_to_be_a_sum",)
    decisive = next((mark for mark in ahead if mark.kind in _ROLES), None)
    follows = next((mark for mark in behind if mark.kind in _ROLES and mark.start - amount.end <= _BEHIND), None)
    if decisive is not None and decisive.kind == "mention" and follows and follows.kind in ("pay", "receive"):
        decisive = follows
    if decisive is None:
        if follows is None:
            return None
        if follows.kind in ("fail", "reverse", "pay", "receive", "loss"):
            asked = any(kind in ("demand", "unpaid") for kind in kinds)
            role = _ROLES[follows.kind]
            return (Role.ASKED if asked and role is Role.PAID else role), Certainty.LIKELY, ("word_behind",)
        return None
    role = _ROLES[decisive.kind]
    if decisive.kind == "deposit" and any(
        mark.kind == "balance" for mark in page.between(*page.sentence(amount.start))
    ):
        return Role.RECEIVED, Certainty.LIKELY, ()
    if role is Role.PAID and decisive.kind != "label.pay_amount":
        return _paid_or_asked(page, amount, decisive, ahead)
    return role, Certainty.LIKELY, ()


def _paid_or_asked(page: Page, amount: Amount, verb: Mark, ahead: list[Mark]) -> Told:
    """Whether a verb of paying is told as done; a demand or a wish before it in the clause says that it is not."""
    earlier = [mark for mark in ahead if mark.start < verb.start]
    if not _is_finished(page, verb) and any(mark.kind in ("demand", "unpaid") for mark in earlier):
        return Role.ASKED, Certainty.LIKELY, ("asked_for",)
    return Role.PAID, Certainty.LIKELY, ()


def _is_finished(page: Page, verb: Mark) -> bool:
    """Whether a verb is told as done: by its ending, by what stands behind it, or by an adverb before it."""
    before = page.plain[max(0, verb.start - _ADVERB) : verb.start]
    return _has_ending(page, verb) or any(each in before for each in page.particles.already)


def _has_ending(page: Page, verb: Mark) -> bool:
    inside = page.plain.endswith(page.particles.done, verb.start, verb.end)
    return inside or page.plain.startswith(page.particles.done, verb.end)


_LIKE = {**{each: each for each in Role}, Role.BALANCE: Role.MENTIONED}
"""What an amount is that goes on from another; a balance is followed by none of its kind."""


def _by_sentence(page: Page, amount: Amount, since: int, until: int, last: Amount | None) -> Told:
    """A clause that says nothing itself goes on from the clause before."""
    if BEHIND_VERB in amount.reasons:
        return Role.PAID, Certainty.UNSURE, ()
    goes_on = last is not None and last.end > since and last.role is not Role.SUM
    if last is not None and goes_on and any(mark.kind == "demand" for mark in page.between(last.end, amount.start)):
        return Role.ASKED, Certainty.LIKELY, ("asked_for",)
    if last is not None and goes_on and not any(mark.kind in _ROLES for mark in page.between(last.end, amount.start)):
        return _LIKE[last.role], Certainty.LIKELY, ("like_the_amount_before",)
    for mark in page.before(until, since=since):
        if mark.kind in ("pay", "receive", "loss", "label.pay_amount"):
            clause_start, _ = page.clause(mark.start)
            asked = any(each.kind in ("demand", "unpaid") for each in page.between(clause_start, mark.start))
            role = Role.ASKED if asked and mark.kind == "pay" else _ROLES[mark.kind]
            return role, Certainty.LIKELY, ("word_in_the_clause_before",)
    if page.label(amount.start) == "amount":
        return Role.PAID, Certainty.UNSURE, ()
    if any(mark.kind == "demand" for mark in page.between(since, amount.start)):
        return Role.ASKED, Certainty.UNSURE, ("asked_for",)
    return _by_line_before(page, amount)


def _by_line_before(page: Page, amount: Amount) -> Told:
    """An amount alone in its line, below a short line such as `转账成功`."""
    start, end = page.sentence(amount.start)
    if start and not page.plain[start : amount.start].strip() and not page.plain[amount.end : end].strip():
        above, _ = page.sentence(start - 1)
        if start - above <= _SHORT_LINE and any(mark.kind == "pay" for mark in page.between(above, start)):
            return Role.PAID, Certainty.LIKELY, ("word_in_the_line_before",)
    return Role.MENTIONED, Certainty.UNSURE, ()


def _corrected(page: Page, amount: Amount, told: Told, ends: tuple[int, int]) -> Told:
    """What the rest of the sentence says: that it failed, was taken back, or was done as asked."""
    role, certainty, reasons = told
    in_sentence, until = ends
    if "upwards" in amount.reasons:
        return Role.MENTIONED, certainty, reasons
    rest = page.between(amount.end, in_sentence)
    if role is Role.PAID:
        for mark in rest:
            if mark.kind in ("fail", "reverse"):
                return _ROLES[mark.kind], Certainty.LIKELY, (*reasons, f"then_{mark.kind}")
    if role is Role.ASKED or (role is Role.MENTIONED and _is_asked(page, amount)):
        soon = page.between(amount.end, min(until, amount.end + _SOON))
        refused = any(mark.kind == "unpaid" for mark in soon)
        if not refused and (any(mark.kind == "done" for mark in soon) or _paid_without_amount(page, soon)):
            return Role.PAID, Certainty.UNSURE, ("asked_and_then_done",)
        if refused:
            return role, certainty, (*reasons, "refused")
    return role, certainty, reasons


def _is_asked(page: Page, amount: Amount) -> bool:
    start, _ = page.clause(amount.start)
    return any(mark.kind == "demand" for mark in page.between(start, amount.start))


def _paid_without_amount(page: Page, marks: Sequence[Mark]) -> bool:
    """Whether the victim then pays, without another amount: a finished verb of paying in a clause of their own."""
    return any(mark.kind == "pay" and _has_ending(page, mark) for mark in marks)


_OWNERS = {
    "own": Side.PAYER,
    "label.payer_account": Side.PAYER,
    "label.payer_name": Side.PAYER,
    "label.payer_bank": Side.PAYER,
    "other": Side.PAYEE,
    "label.payee_account": Side.PAYEE,
    "label.payee_name": Side.PAYEE,
    "label.payee_bank": Side.PAYEE,
}


def side_at(page: Page, at: int) -> Side:
    """Whose something at a place is, by the nearest word that says so in its sentence."""
    start, _ = page.sentence(at)
    paid = False
    for mark in page.before(at, since=max(start, at - _FARTHEST)):
        if mark.kind in _OWNERS:
            return Side.PAYEE if paid and mark.kind == "own" else _OWNERS[mark.kind]
        if mark.kind == "pay" and page.plain.endswith(page.particles.across, mark.start, mark.end):
            return Side.PAYEE
        paid = paid or mark.kind in ("pay", "done", "deposit")
    return Side.UNKNOWN
