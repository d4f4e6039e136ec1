"""What a worker can do: each kind of work, its procedure, and how its outcome is kept."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import timedelta

from fanzha.adapters.store.work import Retries, Wanted, Work, extend, fail, finish, take
from fanzha.kernel.errors import FanzhaError
from fanzha.wiring.house import House
from fanzha.wiring.uploads import IMPORT_WORK, import_upload

LEASE = timedelta(seconds=60)
TELL_EVERY = timedelta(seconds=1)
RETRIES = Retries(attempts=3)

Tell = Callable[[Mapping[str, object]], None]
Procedure = Callable[[House, Work, Tell], Mapping[str, object]]
PROCEDURES: Mapping[str, Procedure] = {IMPORT_WORK: import_upload}


def do_due_work(house: House) -> bool:
    """Take one due row and do it; whether there was one."""
    wanted = Wanted(kinds=tuple(PROCEDURES), lease=LEASE, limit=1, retries=RETRIES)
    with house.act_as_house() as connection:
        taken = take(connection, wanted, house.now(), house.wall.now())
    for each in taken:
        _do(house, each)
    return bool(taken)


def _do(house: House, mine: Work) -> None:
    try:
        outcome = PROCEDURES[mine.kind](house, mine, _teller(house, mine))
    except FanzhaError as error:
        told = {"code": error.code, **{name: str(value) for name, value in error.fields.items()}}
        _fail(house, mine, told, retries=None)
    except Exception as error:
        _fail(house, mine, {"code": "worker.broke", "kind": type(error).__name__}, retries=RETRIES)
        raise
    else:
        with house.act_as_house() as connection:
            finish(connection, mine, house.wall.now(), outcome)


def _fail(house: House, mine: Work, told: Mapping[str, object], retries: Retries | None) -> None:
    with house.act_as_house() as connection:
        fail(connection, mine, house.wall.now(), told, retries)


def _teller(house: House, mine: Work) -> Tell:
    """Keeps the lease and tells progress, about once a second."""
    last = house.wall.now() - TELL_EVERY

    def tell(progress: Mapping[str, object]) -> None:
        nonlocal last
        now = house.wall.now()
        if now - last < TELL_EVERY:
            return
        last = now
        with house.act_as_house() as connection:
            extend(connection, mine, now + LEASE, progress)

    return tell
