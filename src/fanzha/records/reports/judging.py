"""How well reports are read: per field, what was found, what is true, and what of both agrees."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from fanzha.kernel.clock import utc
from fanzha.records.reports.findings import Contact, Moment, Payment, ScamType, Words

PAYMENT_FIELDS = ("amount", "payee_account", "payee_name", "payee_bank", "time")
CONTACT_FIELDS = {"phone": ("phone",), "link": ("link", "domain"), "app": ("app",)}
FIELDS = (*PAYMENT_FIELDS, "payment", *CONTACT_FIELDS, "scam_type")
TOLERANCE = timedelta(minutes=30)


@dataclass(frozen=True, slots=True, kw_only=True)
class TruePayment:
    """A payment as a person knows it; empty where the text does not tell."""

    amount_fen: int
    payee_account: str
    payee_name: str
    payee_bank: str
    at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Truth:
    """What is true of one text; a field that is None is not judged."""

    payments: tuple[TruePayment, ...] | None
    contacts: Mapping[str, frozenset[str]]
    """By field of `CONTACT_FIELDS`; a field that is absent is not judged."""
    scam_type: str | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Score:
    """How many values were found, how many are true, and how many of both agree."""

    found: int
    true: int
    right: int

    @property
    def precision(self) -> float | None:
        """Of what was found, the share that is true; None where nothing was found."""
        return self.right / self.found if self.found else None

    @property
    def recall(self) -> float | None:
        """Of what is true, the share that was found; None where nothing is true."""
        return self.right / self.true if self.true else None

    def __add__(self, other: Score) -> Score:
        return Score(found=self.found + other.found, true=self.true + other.true, right=self.right + other.right)


def judge(words: Words, truth: Truth, tolerance: timedelta = TOLERANCE) -> dict[str, Score]:
    """The scores of one text, by the fields that its truth tells."""
    scores: dict[str, Score] = {}
    if truth.payments is not None:
        scores |= _payments(words.paid(), truth.payments, tolerance)
    for field, expected in truth.contacts.items():
        scores[field] = _multiset(_contacts(words.contacts, CONTACT_FIELDS[field]), expected)
    if truth.scam_type is not None:
        scores["scam_type"] = _multiset([each.code for each in words.scam_types[:1]], [truth.scam_type])
    return scores


def total(scores: Iterable[Mapping[str, Score]]) -> dict[str, Score]:
    """The sum over texts, in the order of `FIELDS`."""
    summed = {field: Score(found=0, true=0, right=0) for field in FIELDS}
    for each in scores:
        for field, score in each.items():
            summed[field] += score
    return {field: score for field, score in summed.items() if score.found or score.true}


def _payments(found: Sequence[Payment], true: Sequence[TruePayment], tolerance: timedelta) -> dict[str, Score]:
    """Values a field, and whole payments; a value found as often as it is true counts as often."""
    whole, left = 0, list(true)
    for each in found:
        match = next((other for other in left if _is_same(each, other, tolerance)), None)
        if match is not None:
            left.remove(match)
            whole += 1
    return {
        "amount": _multiset([each.amount.fen for each in found], [each.amount_fen for each in true]),
        "payee_account": _multiset(map(_account, found), [each.payee_account for each in true]),
        "payee_name": _multiset(map(_name, found), [each.payee_name for each in true]),
        "payee_bank": _multiset(map(_bank, found), [each.payee_bank for each in true]),
        "time": _times([each.moment for each in found], [each.at for each in true], tolerance),
        "payment": Score(found=len(found), true=len(true), right=whole),
    }


def _account(payment: Payment) -> str:
    return payment.payee.number if payment.payee else ""


def _name(payment: Payment) -> str:
    return payment.payee_name.name.casefold() if payment.payee_name else ""


def _bank(payment: Payment) -> str:
    return (payment.payee_bank.id or payment.payee_bank.name) if payment.payee_bank else ""


def _is_same(found: Payment, true: TruePayment, tolerance: timedelta) -> bool:
    when = found.moment is None if true.at is None else _agrees(found.moment, true.at, tolerance)
    told = (found.amount.fen, _account(found), _name(found), _bank(found))
    return when and told == (true.amount_fen, true.payee_account, true.payee_name.casefold(), true.payee_bank)


def _agrees(found: Moment | None, true: datetime, tolerance: timedelta) -> bool:
    at = utc(true)
    return found is not None and found.at - tolerance <= at < found.until + tolerance


def _times(found: Sequence[Moment | None], true: Sequence[datetime | None], tolerance: timedelta) -> Score:
    left = [each for each in true if each is not None]
    told = [each for each in found if each is not None]
    expected, right = len(left), 0
    for moment in told:
        match = next((each for each in left if _agrees(moment, each, tolerance)), None)
        if match is not None:
            left.remove(match)
            right += 1
    return Score(found=len(told), true=expected, right=right)


def _multiset(found: Iterable[object], true: Iterable[object]) -> Score:
    """Counts of values that say something, agreeing as often as both have them."""
    ours, theirs = Counter(map(_folded, found)), Counter(map(_folded, true))
    for side in (ours, theirs):
        del side[""]
    return Score(found=ours.total(), true=theirs.total(), right=(ours & theirs).total())


def _folded(value: object) -> object:
    return value.casefold() if isinstance(value, str) else value


def _contacts(contacts: Iterable[Contact], kinds: Sequence[str]) -> set[str]:
    return {_bare(each.value) for each in contacts if each.kind in kinds}


def _bare(value: str) -> str:
    """A link without its scheme and closing slash, by which people do not tell links apart."""
    return value.removeprefix("https://").removeprefix("http://").rstrip("/")


def bare_links(values: Iterable[str]) -> frozenset[str]:
    """Links as `judge` compares them."""
    return frozenset(map(_bare, values))


def type_scores(ranked: Sequence[tuple[tuple[ScamType, ...], str]]) -> dict[str, Score]:
    """Scores of each scam type over texts, by the first type that the words speak for."""
    scores: dict[str, Score] = {}
    for types, true in ranked:
        first = types[0].code if types else ""
        for code in {first, true} - {""}:
            score = Score(found=int(first == code), true=int(true == code), right=int(first == true == code))
            scores[code] = scores[code] + score if code in scores else score
    return dict(sorted(scores.items()))
