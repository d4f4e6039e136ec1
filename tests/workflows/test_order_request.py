"""An instruction's message is one message, however often it has to be sent."""

from __future__ import annotations

from dataclasses import replace
from datetime import datetime, timedelta

import pytest

from fanzha.kernel.errors import Illegal, Invalid
from fanzha.orders.drafting import drafted
from fanzha.orders.effects import Act, OrderKind
from fanzha.orders.entries import folded
from fanzha.orders.order import Order, Terms
from fanzha.orders.sending import asked, lost, sent
from fanzha.protocol.parties import Organ
from fanzha.protocol.request import Request
from fanzha.protocol.wire import fingerprint
from fanzha.workflows.order_request import Addressee, Enclosed, Sender, request_for
from fanzha.workflows.paper_facts import paper_facts
from tests.orders.making import DRAFTER, HOUSE, LAW, NOW, applied, countersigned, ground, opened, wish
from tests.orders.test_answers import frozen, held
from tests.protocol.messages import OFFICER
from tests.workflows.test_paper_facts import ISSUE, NAMES

BANK = Addressee(code="000000000000", name="示例银行")
SENDER = Sender(organ=Organ(code="990000000000", name="示例公安局"), operator=OFFICER, second_officer=OFFICER)
ENCLOSED = Enclosed(
    clear={7: "9999990000000000017", 8: "示例乙"},  # type: ignore[dict-item]
    documents=(),
    case_number="S0",
    payer_bank=None,
    stop_hours=LAW.stop.hours,
    exercise=True,
)


def _request(order: Order, at: datetime, which: int = 0) -> Request:
    return request_for(
        order, order.instructions[which], Addressee(code="000000000000", name="示例银行"), SENDER, ENCLOSED, at
    )


def test_what_is_sent_anew_after_doubt_is_to_the_letter_what_left_first() -> None:
    """An institution that heard half of the first try may refuse any other content under the same id for ever."""
    order = applied(opened())
    first = _request(order, NOW)
    order = folded(order, [sent(order.instructions[0], HOUSE, NOW)])
    order = folded(order, [lost(order.instructions[0], HOUSE, NOW + timedelta(seconds=8), "silent")])
    later = NOW + timedelta(minutes=5)
    order = folded(order, [asked(order.instructions[0], HOUSE, later, "not_known")])
    assert fingerprint(_request(order, later)) == fingerprint(first)
    order = folded(order, [sent(order.instructions[0], HOUSE, later)])
    assert order.instructions[0].tries == 2
    assert fingerprint(_request(order, later + timedelta(hours=1))) == fingerprint(first)


def test_a_stop_whose_term_is_over_before_anybody_heard_of_it_goes_to_a_person() -> None:
    order = applied(opened())
    order = folded(order, [sent(order.instructions[0], HOUSE, NOW)])
    with pytest.raises(Invalid, match="asked_term_over"):
        _request(order, NOW + timedelta(hours=LAW.stop.hours))


@pytest.mark.parametrize("kind", [OrderKind.FREEZE, OrderKind.MONITOR, OrderKind.BLOCK])
def test_a_message_that_leaves_late_asks_for_the_days_that_its_paper_names(kind: OrderKind) -> None:
    order = applied(opened(kind))
    late = NOW + timedelta(days=3)
    message = _request(order, late)
    paper = paper_facts(order, order.instructions[0], NAMES, replace(ISSUE, at=order.instructions[0].signed_at))
    assert (message.starts_at, message.expires_at) == (paper.since, paper.until)
    assert paper.until is not None and paper.until < late + timedelta(days=30 if kind is not OrderKind.FREEZE else 184)


def test_a_stop_that_leaves_late_is_asked_for_all_its_hours_as_its_paper_says() -> None:
    order, late = applied(opened()), NOW + timedelta(hours=3)
    message = _request(order, late)
    assert (message.starts_at, message.expires_at) == (late, late + timedelta(hours=LAW.stop.hours))


@pytest.mark.parametrize("act", [Act.EXTEND, Act.RENEW])
def test_what_prolongs_never_first_leaves_after_the_end_that_it_should_put_off(act: Act) -> None:
    kind = OrderKind.STOP if act is Act.EXTEND else OrderKind.FREEZE
    terms = Terms() if act is Act.EXTEND else Terms(months=6)
    order = held() if act is Act.EXTEND else frozen()
    asked_for = wish(2, act, terms, kind)
    order = countersigned(folded(order, [drafted(order, asked_for, ground(), DRAFTER, NOW)]))
    assert order.ends_at is not None
    before, after = order.ends_at - timedelta(minutes=1), order.ends_at
    assert _request(order, before, -1).expires_at
    with pytest.raises(Illegal, match="prolonged_too_late"):
        _request(order, after, -1)
    order = folded(order, [sent(order.instructions[-1], HOUSE, before)])
    assert _request(order, after, -1).expires_at, "what left in time may be said again"
