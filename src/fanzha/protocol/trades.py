"""The trades: what the centre asks of an institution, with the national catalogue's numbers."""

from __future__ import annotations

from collections.abc import Mapping
from enum import StrEnum


class Trade(StrEnum):
    """What a message asks for; ours are named, the national catalogue's number is its `external_code`."""

    STOP = "stop"
    LIFT_STOP = "lift_stop"
    EXTEND_STOP = "extend_stop"
    FREEZE = "freeze"
    RELEASE = "release"
    RENEW = "renew"
    QUERY_DETAILS = "query_details"
    QUERY_HOLDER = "query_holder"
    MONITOR_ON = "monitor_on"
    MONITOR_OFF = "monitor_off"
    QUERY_ACCOUNTS = "query_accounts"
    BLOCK = "block"
    UNBLOCK = "unblock"
    ACTIVATE = "activate"

    @property
    def external_code(self) -> str | None:
        """The national number of the request; `None` for trades of ours."""
        return _NUMBERS.get(self)

    @property
    def answer_code(self) -> str | None:
        """The national number of the answer: the request's plus one."""
        number = _NUMBERS.get(self)
        return None if number is None else str(int(number) + 1)

    @property
    def changes(self) -> Trade | None:
        """The trade whose order this one changes: such a request names the original application."""
        return _CHANGES.get(self)


_NUMBERS: Mapping[Trade, str] = {
    Trade.STOP: "100101",
    Trade.LIFT_STOP: "100103",
    Trade.EXTEND_STOP: "100105",
    Trade.FREEZE: "100201",
    Trade.RELEASE: "100203",
    Trade.RENEW: "100205",
    Trade.QUERY_DETAILS: "100301",
    Trade.QUERY_HOLDER: "100303",
    Trade.MONITOR_ON: "100305",
    Trade.MONITOR_OFF: "100307",
    Trade.QUERY_ACCOUNTS: "100309",
}
_CHANGES: Mapping[Trade, Trade] = {
    Trade.LIFT_STOP: Trade.STOP,
    Trade.EXTEND_STOP: Trade.STOP,
    Trade.RELEASE: Trade.FREEZE,
    Trade.RENEW: Trade.FREEZE,
    Trade.MONITOR_OFF: Trade.MONITOR_ON,
    Trade.UNBLOCK: Trade.BLOCK,
    Trade.ACTIVATE: Trade.FREEZE,
}
QUERIES = frozenset({Trade.QUERY_DETAILS, Trade.QUERY_HOLDER, Trade.QUERY_ACCOUNTS})
"""Trades without effect on anybody: asking once more asks nothing new."""
ASKED = frozenset(Trade) - {Trade.ACTIVATE}
"""Trades that the centre may ask for; *activate* only ever comes from an institution."""
