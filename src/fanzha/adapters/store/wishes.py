"""Wishes for work that change: taken back because what they waited for has come."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, text

from fanzha.adapters.store.wakeups import wake
from fanzha.adapters.store.work import WISH_ONCE, NewWork, as_wishes
from fanzha.kernel.clock import utc

LAST = "\U0010ffff"
"""After every character of a key."""


def take_back(connection: Connection, kind: str, keys: Sequence[str], why: str, wall: datetime) -> None:
    """What these rows wait for has come otherwise: they are done, and say why; a running one ends by itself."""
    if keys:
        asked = {"kinds": [kind] * len(keys), "keys": list(keys), "wall": utc(wall)}
        connection.execute(_TAKE_BACK, asked | {"told": json.dumps({"taken_back": why})})


@dataclass(frozen=True, slots=True, kw_only=True)
class Anew:
    """What is wished of a kind from now on, instead of all that still waits under keys that begin so; and what nobody
    waits for any more, each row told by its kind and its key."""

    kind: str
    prefixes: Sequence[str]
    wishes: Sequence[NewWork]
    over: Sequence[tuple[str, str]]


def wish_anew(connection: Connection, anew: Anew, why: str, now: datetime, wall: datetime) -> None:
    """Wishes that are there already stay; what is not wished any more is done and says why, by one statement."""
    if not (anew.prefixes or anew.over):
        return
    asked = {"kind": anew.kind, "prefixes": list(anew.prefixes), "last": LAST}
    over = {"kinds": [kind for kind, _ in anew.over], "keys": [key for _, key in anew.over]}
    told = {"told": json.dumps({"taken_back": why}), "wall": utc(wall), "kept": [each.key for each in anew.wishes]}
    connection.execute(_WISH_ANEW, asked | over | told | as_wishes(anew.wishes, now))
    wake(connection, {each.kind for each in anew.wishes if each.due_at <= now})


@dataclass(frozen=True, slots=True, kw_only=True)
class Due:
    """Rows of these kinds whose key begins with one of these, and that are due by its business time; `then` is wished
    for in their place."""

    kinds: Sequence[str]
    by: Mapping[str, datetime]
    then: Sequence[NewWork] = ()


def take_back_due(connection: Connection, due: Due, why: str, now: datetime, wall: datetime) -> None:
    """What these rows ask for is being done already: they are done, and say why; those under way end by themselves.

    What is wished for in their place waits for a later time: nobody is woken.
    """
    asked = {"kinds": list(due.kinds), "prefixes": list(due.by), "by": [utc(each) for each in due.by.values()]}
    done = {"last": LAST, "wall": utc(wall), "told": json.dumps({"taken_back": why})}
    connection.execute(_TAKE_BACK_DUE, asked | done | as_wishes(due.then, now))


def waiting_keys(connection: Connection, kind: str, prefixes: Sequence[str]) -> list[str]:
    """The keys that begin with one of these and whose rows still wait, in the order of their bytes."""
    return sorted(connection.scalars(_WAITING, {"kind": kind, "prefixes": list(prefixes), "last": LAST}))


_OVER = """
UPDATE work SET state = 'done', finished_at = :wall, progress = CAST(:told AS jsonb)
FROM unnest(CAST(:kinds AS text[]), CAST(:keys AS text[])) AS over(kind, key)
WHERE work.kind = over.kind AND work.key = over.key AND work.state IN ('waiting', 'stuck')"""
_TAKE_BACK = text(_OVER)
_THERE = """(
  SELECT id, key, state, due_at FROM work
  WHERE kind = wanted.kind AND key >= begins.prefix AND key < begins.prefix || :last OFFSET 0
) AS there"""
"""Rows of a wanted kind whose key begins so, found by their keys: `OFFSET 0` keeps the planner from reading all that is
due instead, however few it believes that to be."""
_TAKE_BACK_DUE = text(f"""
WITH wished AS ({WISH_ONCE}) UPDATE work SET state = 'done', finished_at = :wall, progress = CAST(:told AS jsonb) FROM (
  SELECT there.id, begins.due_by FROM unnest(CAST(:kinds AS text[])) AS wanted(kind)
  CROSS JOIN unnest(CAST(:prefixes AS text[]), CAST(:by AS timestamptz[])) AS begins(prefix, due_by)
  CROSS JOIN LATERAL {_THERE} WHERE there.state = 'waiting' AND there.due_at <= begins.due_by
) AS due WHERE work.id = due.id AND work.state = 'waiting' AND work.due_at <= due.due_by
""")  # told again of the row itself: somebody may just have put it off
_WISH_ANEW = text(f"""
WITH instead AS (
  UPDATE work SET state = 'done', finished_at = :wall, progress = CAST(:told AS jsonb) FROM (
    SELECT there.id FROM (SELECT CAST(:kind AS text)) AS wanted(kind)
    CROSS JOIN unnest(CAST(:prefixes AS text[])) AS begins(prefix)
    CROSS JOIN LATERAL {_THERE} WHERE there.state = 'waiting' AND there.key <> ALL(CAST(:kept AS text[]))
  ) AS old WHERE work.id = old.id AND work.state = 'waiting'
),
nobodys AS ({_OVER})
{WISH_ONCE}
""")
_WAITING = text(f"""
SELECT there.key FROM (SELECT CAST(:kind AS text)) AS wanted(kind)
CROSS JOIN unnest(CAST(:prefixes AS text[])) AS begins(prefix) CROSS JOIN LATERAL {_THERE}
WHERE there.state IN ('waiting', 'running')
""")
