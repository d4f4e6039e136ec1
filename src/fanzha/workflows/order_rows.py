"""The table of an order's paper: which facts a form states, in which order, and which of them it must."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from fanzha.kernel.errors import Invalid
from fanzha.workflows.order_facts import Form, OrderFacts
from fanzha.workflows.order_words import PaperWords

Lines = tuple[str, ...]

_ACCOUNT = ("holder", "account", "institution", "holder_class", "document")
_CASE = ("case", "reason", "contact")
_FREEZE = (*_ACCOUNT, "frozen", "term", "scope", "interest")
_CHANNEL = ("channel_kind", "channel", "channel_name", "evidence")
_PERSON = ("measure", "holder", "account", "institution", "channel_kind", "channel", "earlier", "until")
_REMEDY = ("reason", "remedy_channel", "remedy_contact", "remedy_documents")

ROWS: Mapping[Form, tuple[str, ...]] = {
    Form.STOP_APPLY: (*_ACCOUNT, "payer", "paid", "paid_at", "stop_term", *_CASE),
    Form.STOP_EXTEND: (*_ACCOUNT, "payer", "paid", "paid_at", "earlier", "earlier_until", "stop_term", *_CASE),
    Form.STOP_LIFT: (*_ACCOUNT, "earlier", *_CASE),
    Form.QUERY_DETAILS: (*_ACCOUNT, "asked", "period", *_CASE),
    Form.QUERY_HOLDER: (*_ACCOUNT, "asked", *_CASE),
    Form.QUERY_ACCOUNTS: (*_ACCOUNT, "asked", *_CASE),
    Form.MONITOR_APPLY: (*_ACCOUNT, "asked", "term", *_CASE),
    Form.MONITOR_LIFT: (*_ACCOUNT, "earlier", *_CASE),
    Form.FREEZE_APPLY: (*_FREEZE, *_CASE),
    Form.FREEZE_WAITING: (*_FREEZE, "prior", *_CASE),
    Form.FREEZE_RENEW: (*_ACCOUNT, "frozen", "earlier", "earlier_until", "term", "scope", "interest", *_CASE),
    Form.FREEZE_RELEASE: (*_ACCOUNT, "earlier", "released", "left", *_CASE),
    Form.FREEZE_LIFT: (*_ACCOUNT, "earlier", "released", *_CASE),
    Form.BLOCK_APPLY: (*_CHANNEL, "until", *_CASE),
    Form.BLOCK_LIFT: (*_CHANNEL[:-1], "earlier", *_CASE),
    Form.HOLDER_NOTICE: (*_PERSON, *_REMEDY),
    Form.OBJECTION_UPHELD: (*_PERSON[:-1], *_REMEDY),
    Form.OBJECTION_IN_PART: (*_PERSON, *_REMEDY),
    Form.OBJECTION_REJECTED: (*_PERSON, *_REMEDY),
}

ASKING = frozenset(form for form, labels in ROWS.items() if "asked" in labels)
MAY_BE_ABSENT = frozenset({"holder", "holder_class", "document", "channel_name", "payer", "left", "period"})
"""Facts that a form states where they are known; every other one it must state."""
FREEZING = frozenset({Form.FREEZE_APPLY, Form.FREEZE_WAITING, Form.FREEZE_RENEW})
"""The forms that must state whose account it is (程序规定 art. 239)."""
TO_PERSONS = frozenset({Form.HOLDER_NOTICE, Form.OBJECTION_UPHELD, Form.OBJECTION_IN_PART, Form.OBJECTION_REJECTED})
_EITHER = frozenset({"holder", "account", "institution", "channel_kind", "channel", "until"})
"""What a paper to a person states of an account or of a channel, whichever it is about."""


def rows_of(facts: OrderFacts, words: PaperWords) -> Iterator[tuple[str, Lines]]:
    """Each label of the form's table with its lines; `Invalid`, naming form and fact, where one is missing."""
    told = _told(facts, words)
    if facts.form in TO_PERSONS and not (facts.account or facts.channel):
        raise Invalid("papers.missing", form=facts.form.value, fact="account")
    for label in ROWS[facts.form]:
        lines = tuple(each for each in told[label] if each)
        if lines:
            yield label, lines
        elif not _may_be_absent(facts.form, label):
            raise Invalid("papers.missing", form=facts.form.value, fact=label)


def _may_be_absent(form: Form, label: str) -> bool:
    if label == "holder" and form in FREEZING:
        return False
    return label in MAY_BE_ABSENT or (form in TO_PERSONS and label in _EITHER)


def _told(facts: OrderFacts, words: PaperWords) -> Mapping[str, Lines]:
    """Every label that some form has, with what the facts tell of it."""
    return {
        **_of_account(facts, words),
        **_of_payment(facts, words),
        **_of_money(facts, words),
        **_of_time(facts, words),
        **_of_channel(facts, words),
        **_of_remedy(facts, words),
        "case": (facts.case_number, facts.case_title),
        "reason": (facts.reason,),
        "contact": (facts.contact,),
        "asked": (words.say(f"asked.{facts.form.value}"),) if facts.form in ASKING else (),
        "measure": (facts.measure,),
    }


def _of_account(facts: OrderFacts, words: PaperWords) -> Mapping[str, Lines]:
    account = facts.account
    if account is None:
        return dict.fromkeys(_ACCOUNT, ())
    return {
        "holder": (account.holder,),
        "account": (account.number,),
        "institution": (account.institution,),
        "holder_class": (words.say(f"holder_class.{account.holder_class}"),) if account.holder_class else (),
        "document": (account.document,),
    }


def _of_payment(facts: OrderFacts, words: PaperWords) -> Mapping[str, Lines]:
    payment = facts.payment
    if payment is None:
        return {"payer": (), "paid": (), "paid_at": ()}
    payer = payment.payer
    return {
        "payer": (payer.holder, payer.number, payer.institution),
        "paid": words.sum(payment.amount_fen),
        "paid_at": (words.moment(payment.at),),
    }


def _of_money(facts: OrderFacts, words: PaperWords) -> Mapping[str, Lines]:
    amount = words.sum(facts.amount_fen) if facts.amount_fen is not None else ()
    included = facts.include_interest
    return {
        "frozen": amount,
        "released": amount,
        "left": words.sum(facts.left_fen) if facts.left_fen is not None else (),
        "scope": (words.say("value.scope"),),
        "interest": () if included is None else (words.say(f"value.interest_{'in' if included else 'out'}"),),
        "prior": tuple(
            words.say(
                "value.prior",
                organ=each.organ,
                sum=words.say("value.unknown") if each.amount_fen is None else words.sum(each.amount_fen)[0],
                until=words.say("value.unknown") if each.until is None else words.end(each.until),
            )
            for each in facts.prior
        ),
    }


def _of_time(facts: OrderFacts, words: PaperWords) -> Mapping[str, Lines]:
    since, until, earlier = facts.since, facts.until, facts.earlier
    ended = earlier.until if earlier else None
    both = since and until and words.say("value.term", since=words.day(since), until=words.end(until))
    again = "stop_term_again" if facts.form is Form.STOP_EXTEND else "stop_term"
    counted = facts.hours is not None and facts.times is not None
    return {
        "term": (both,) if both else (),
        "period": (both,) if both else (),
        "until": (words.end(until),) if until else (),
        "stop_term": (words.say(f"value.{again}", hours=facts.hours, times=facts.times),) if counted else (),
        "earlier": (words.say("value.earlier", number=earlier.number, day=words.day(earlier.issued_at)),)
        if earlier
        else (),
        "earlier_until": (words.end(ended),) if ended else (),
    }


def _of_channel(facts: OrderFacts, words: PaperWords) -> Mapping[str, Lines]:
    channel = facts.channel
    if channel is None:
        return dict.fromkeys(_CHANNEL, ())
    return {
        "channel_kind": (words.say(f"channel_kind.{channel.kind}"),),
        "channel": (channel.value,),
        "channel_name": (channel.name,),
        "evidence": (words.say("value.evidence", sha256=channel.evidence),) if channel.evidence else (),
    }


def _of_remedy(facts: OrderFacts, words: PaperWords) -> Mapping[str, Lines]:
    remedy = facts.remedy
    if remedy is None:
        return dict.fromkeys(_REMEDY[1:], ())
    return {
        "remedy_channel": (remedy.channel,),
        "remedy_contact": (remedy.contact,),
        "remedy_documents": tuple(
            words.say("value.numbered", number=number, text=each) for number, each in enumerate(remedy.documents, 1)
        ),
    }
