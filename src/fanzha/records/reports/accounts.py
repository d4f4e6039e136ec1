"""Account, card and wallet numbers in running text, told apart from phones, identity numbers and serials."""

from __future__ import annotations

import re
from collections.abc import Iterator

from fanzha.kernel.identifiers import bank_card, citizen_id, phone, wallet
from fanzha.kernel.identifiers.account import HIDDEN
from fanzha.records.reports.account_runs import CARDS_BEGIN, PASSED_BY, Run, find_runs
from fanzha.records.reports.findings import Account, Certainty, Contact, Form, Side
from fanzha.records.reports.page import Page, Taken
from fanzha.records.reports.tables import ReaderTables

_NOT_DIGITS = re.compile(r"[^\d*x]")
_HIDDEN_RUN = re.compile(r"[*x]+")
_SIDES = {"payee_account": Side.PAYEE, "payer_account": Side.PAYER}
_SHORTEST_LABELLED, _SHORTEST = 6, 12
_LONGEST = 32
_ACCOUNT_LABELS = frozenset({"account", "payee_account", "payer_account"})
_CHINESE_CARDS = "62"


def find_wallets(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Account]:
    """Addresses of virtual currency; the check in the number itself makes them certain."""
    for found in tables.account["wallet"].finditer(page.text):
        number = found.group()
        checked = wallet.check(number)
        bitcoin_like = number[0] in "13"
        if taken.is_free(*found.span()) and (checked or not bitcoin_like) and not number.isdigit():
            taken.add(*found.span())
            yield Account(
                start=found.start(),
                end=found.end(),
                certainty=Certainty.CERTAIN if checked else Certainty.LIKELY,
                reasons=("wallet_check_holds" if checked else "wallet_shape",),
                number=number,
                form=Form.WALLET,
                side=_SIDES.get(page.label(found.start()), Side.UNKNOWN),
                issuer=wallet.kind(number),
            )


def find_identities(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Contact]:
    """Citizens' identity numbers, which are masked in what is read and never taken for accounts."""
    for found in tables.account["identity"].finditer(page.plain):
        number = found.group().upper()
        labelled = page.label(found.start()) == "identity"
        looks = citizen_id.check(number) or (citizen_id.birth(number) is not None and not bank_card.check(number))
        if taken.is_free(*found.span()) and (labelled or looks):
            taken.add(*found.span())
            yield Contact(
                start=found.start(),
                end=found.end(),
                certainty=Certainty.CERTAIN if citizen_id.check(number) else Certainty.LIKELY,
                reasons=("identity_check_holds" if citizen_id.check(number) else "identity_shape",),
                kind="citizen_id",
                value=citizen_id.mask(number),
            )


def find_accounts(page: Page, taken: Taken, tables: ReaderTables) -> Iterator[Account]:
    """Cards and accounts, complete, masked or only their tail; what an identity's label names is passed by."""
    for found in find_runs(page, tables):
        start, end = found.start, found.end
        if not taken.is_free(start, end):
            continue
        number = _HIDDEN_RUN.sub(HIDDEN, _NOT_DIGITS.sub("", found.written))
        label = page.label(start)
        if label in PASSED_BY:
            taken.add(start, end)
            continue
        account = _incomplete(page, found, number) if HIDDEN in number else _complete(page, found, number, tables)
        if account:
            taken.add(start, end)
            yield account
    for ending in tables.account["tail"].finditer(page.plain):
        if taken.is_free(*ending.span()):
            account = _tail(page, ending)
            taken.add(account.start, account.end)
            yield account


def _complete(page: Page, found: Run, number: str, tables: ReaderTables) -> Account | None:
    label = page.label(found.start)
    labelled = label in _ACCOUNT_LABELS
    if phone.kind(number) in ("mobile", "test") and labelled:
        return _account(page, found, number, (Form.PHONE, Certainty.LIKELY, "labelled"))
    if len(number) < (_SHORTEST_LABELLED if labelled else _SHORTEST) or len(number) > _LONGEST:
        return None
    if not number.strip("0") or (not labelled and len(set(number)) == 1):
        return None
    issuer = tables.banks.digits.get(number[:6], "") if 16 <= len(number) <= 19 else ""
    if 15 <= len(number) <= 19 and number[0] in CARDS_BEGIN:
        holds = bank_card.luhn(number)
        told = labelled or number.startswith(_CHINESE_CARDS)
        sure = Certainty.CERTAIN if holds else Certainty.LIKELY if told else Certainty.UNSURE
        return _account(page, found, number, (Form.CARD, sure, "luhn_holds" if holds else "luhn_fails"), issuer)
    sure = Certainty.LIKELY if labelled else Certainty.UNSURE
    return _account(page, found, number, (Form.NUMBER, sure, "labelled" if labelled else "long_number"), issuer)


def _incomplete(page: Page, found: Run, number: str) -> Account | None:
    """A masked number; a phone's or an identity's mask only where a label says that it is an account."""
    head, tail = number.split(HIDDEN)[0], number.split(HIDDEN)[-1]
    labelled = page.label(found.start) in _ACCOUNT_LABELS or follows_a_name(page, found.start)
    phone_like = len(head) == 3 and len(tail) == 4 and head[0] == "1"
    if number.count(HIDDEN) > 1 or len(head) + len(tail) < 3 or len(tail) > 6:
        return None
    if not labelled and (phone_like or len(head) in (1, 2, 3) or len(tail) < 3):
        return None
    form = Form.PHONE if phone_like else Form.INCOMPLETE
    return _account(page, found, number, (form, Certainty.LIKELY, "partly_hidden"))


def follows_a_name(page: Page, at: int) -> bool:
    """Whether a number stands in brackets behind somebody's name: `*三(138****0099)`."""
    before = page.plain[max(0, at - 2) : at]
    return len(before) == 2 and before[1] == "(" and not before[0].isascii()


def _tail(page: Page, found: re.Match[str]) -> Account:
    label = page.label(found.start())
    start, end = found.span("tail2") if found["tail2"] else found.span()
    return Account(
        start=start,
        end=end,
        certainty=Certainty.LIKELY,
        reasons=("only_the_tail",),
        number=f"{HIDDEN}{found['tail'] or found['tail2']}",
        form=Form.TAIL,
        side=_SIDES.get(label, Side.UNKNOWN),
        issuer="",
    )


def _account(page: Page, found: Run, number: str, told: tuple[Form, Certainty, str], issuer: str = "") -> Account:
    form, certainty, reason = told
    return Account(
        start=found.start,
        end=found.end,
        certainty=certainty,
        reasons=(reason, "issuer_by_digits") if issuer else (reason,),
        number=number,
        form=form,
        side=_SIDES.get(page.label(found.start), Side.UNKNOWN),
        issuer=issuer,
    )
