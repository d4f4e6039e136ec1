"""Where money came from: fen or shares followed backward from payments, or from what lay in an account."""

from __future__ import annotations

from fanzha.kernel.errors import Invalid
from fanzha.tracing.follow.backward_lots import search_lots
from fanzha.tracing.follow.backward_reach import search_reach
from fanzha.tracing.follow.backward_search import Search
from fanzha.tracing.follow.backward_shares import search_shares
from fanzha.tracing.follow.flow_index import FlowIndex
from fanzha.tracing.follow.question import Method, Question
from fanzha.tracing.follow.trace import Trace

SEARCHES = {
    Method.FIFO: search_lots,
    Method.LIFO: search_lots,
    Method.PRORATA: search_shares,
    Method.POISON: search_shares,
}


def trace_backward(found: FlowIndex, question: Question) -> Trace:
    """The payments that the question's money came by, latest first, and where it lay before all that is followed.

    A hop is `FOLLOWED` when it is looked for where its payer had the money from, `LEFT` when nobody knows (no known
    payer, a merchant, a payment company's pool); `held` is what lay in an account at the horizon's beginning, before
    its first row, or came there unseen. `Invalid` for what the index does not have, and by the conservative method.
    """
    if question.method not in SEARCHES:
        raise Invalid("trace.conservative_backward")
    if question.method is Method.POISON and len(question.starts) <= 1:
        return search_reach(Search(found, question))
    return SEARCHES[question.method](Search(found, question))
