"""The tables of a trace: one for each number that its first page tells."""

from __future__ import annotations

from fanzha.apps.web.views.tables import Column, Filter, Table
from fanzha.apps.web.views.trace import TraceQuestion
from fanzha.tracing.follow.question import Direction, Method

WAYS_OUT = ("cash", "merchant", "payment_company", "crypto_trader", "fee", "interest", "outside")
BECAME = ("followed", "left", *WAYS_OUT, "below_floor", "after_horizon")

_START = Filter(key="start", kind="key")
_INFERRED = Filter(key="inferred", kind="choice", words="words.inferred", choices=("balance",))
_FORWARD = (
    Column(key="held_fen", kind="money"),
    Column(key="last_seen_fen", kind="money"),
    Column(key="gone_fen", kind="money"),
)
_REACHED = {
    Direction.FORWARD: (Column(key="gone_fen", kind="money"),),
    Direction.BACKWARD: (Column(key="came_fen", kind="money"),),
}
"""All that an upper bound tells of a start: of no money where it is."""
_BACKWARD = (Column(key="before_fen", kind="money"), Column(key="came_fen", kind="money"))
_DISPUTED = (Column(key="disputed_fen", kind="money"),)


def starts_table(question: TraceQuestion) -> Table:
    """The starting payments: what became of them, or where their money came from."""
    return Table(
        name="trace_starts",
        columns=(
            Column(key="start", kind="count"),
            Column(key="at", kind="moment"),
            Column(key="payer", kind="account", phone=False),
            Column(key="payee", kind="account", phone=False),
            Column(key="started_fen", kind="money"),
            *_parts(question),
            Column(key="below_floor_fen", kind="money", phone=False),
            *(_DISPUTED if question.method is Method.CONSERVATIVE else ()),
        ),
        sort="start",
    )


def _parts(question: TraceQuestion) -> tuple[Column, ...]:
    if question.method is Method.POISON:
        return _REACHED[question.direction]
    return _BACKWARD if question.direction is Direction.BACKWARD else _FORWARD


HOLDINGS = Table(
    name="trace_holdings",
    columns=(
        Column(key="account", kind="account"),
        Column(key="layers", kind="layers"),
        Column(key="traced_fen", kind="money"),
        Column(key="bank_fen", kind="money", sortable=False),
        Column(key="bank_at", kind="time", sortable=False, phone=False),
        Column(key="inferred", kind="code", words="words.inferred"),
        Column(key="lies", kind="code", words="words.lies"),
        Column(key="conclusive", kind="code", words="words.conclusive", phone=False),
        Column(key="earliest_at", kind="moment", phone=False),
        Column(key="latest_at", kind="moment", phone=False),
        Column(key="start", kind="count", phone=False),
        Column(key="to_order", kind="order", words="stop", sortable=False),
    ),
    filters=(
        Filter(key="lies", kind="choice", words="words.lies", choices=("held", "last_seen", "before")),
        Filter(key="conclusive", kind="choice", words="words.conclusive", choices=("yes", "no", "no_statement")),
        _INFERRED,
        Filter(key="at_least", kind="fen"),
        _START,
    ),
    sort="traced_fen",
    descending=True,
)

HOPS = Table(
    name="trace_hops",
    columns=(
        Column(key="at", kind="moment"),
        Column(key="payer_layers", kind="layers", phone=False),
        Column(key="payer", kind="account"),
        Column(key="payee_layers", kind="layers", phone=False),
        Column(key="payee", kind="account"),
        Column(key="amount_fen", kind="money", phone=False),
        Column(key="traced_fen", kind="money"),
        Column(key="inferred", kind="code", words="words.inferred"),
        Column(key="became", kind="code", words="words.became"),
        Column(key="place", kind="place", sortable=False, phone=False),
        Column(key="start", kind="count", phone=False),
    ),
    filters=(
        Filter(key="after", kind="after"),
        Filter(key="until", kind="until"),
        Filter(key="at_least", kind="fen"),
        Filter(key="became", kind="choice", words="words.became", choices=BECAME),
        Filter(key="told", kind="choice", words="words.told", choices=("yes", "no")),
        _INFERRED,
        Filter(key="account", kind="key"),
        _START,
    ),
    sort="at",
)

ASKING = Table(
    name="trace_asking",
    columns=(
        Column(key="account", kind="account"),
        Column(key="bank", kind="institution", phone=False),
        Column(key="layers", kind="layers", phone=False),
        Column(key="traced_fen", kind="money"),
        Column(key="lack", kind="code", words="words.lack"),
        Column(key="first_day", kind="day"),
        Column(key="last_day", kind="day"),
        Column(key="earliest_at", kind="moment", phone=False),
        Column(key="latest_at", kind="moment", phone=False),
        Column(key="to_order", kind="order", words="query", sortable=False),
    ),
    filters=(
        Filter(
            key="lack",
            kind="choice",
            words="words.lack",
            choices=("no_statement", "ends_before_arrival", "ends_before_horizon", "balances_contradict"),
        ),
    ),
    sort="traced_fen",
    descending=True,
)

PASSAGES = Table(
    name="trace_accounts",
    columns=(
        Column(key="account", kind="account"),
        Column(key="layers", kind="layers"),
        Column(key="in_fen", kind="money"),
        Column(key="out_fen", kind="money", phone=False),
        Column(key="share", kind="share"),
        Column(key="residue_fen", kind="money", phone=False),
        Column(key="dwell_s", kind="span"),
        Column(key="night_cash_fen", kind="money", phone=False),
        Column(key="earliest_at", kind="moment", phone=False),
        Column(key="latest_at", kind="moment", phone=False),
    ),
    sort="in_fen",
    descending=True,
)

DISPUTES = Table(
    name="trace_disputes",
    columns=(
        Column(key="where", kind="code", words="words.disputed"),
        Column(key="account", kind="account"),
        Column(key="low_fen", kind="money"),
        Column(key="high_fen", kind="money"),
        Column(key="start", kind="count", phone=False),
    ),
    filters=(_START,),
    sort="high_fen",
    descending=True,
)
