"""Pages, workers, banks and the database are killed while stops travel and chases make more: none lost, none twice."""

from __future__ import annotations

import random

from bench.crash import await_quiet, books_of, house_and_banks, promises, trouble

KILLS = 20
BETWEEN_SECONDS = 0.6


def test_killed_everywhere_every_stop_is_decided_once_and_every_receipt_kept() -> None:
    seed = random.randrange(10**6)
    print(f"seed {seed}")
    with house_and_banks(seed) as running:
        trouble(running, KILLS, BETWEEN_SECONDS)
        await_quiet(running)
        books = books_of(running)
        broken = {each.name: each.value for each in promises(running, books) if each.value}
        assert broken == {}
        assert running.kills.total() == KILLS and books.orders and books.told and running.told
