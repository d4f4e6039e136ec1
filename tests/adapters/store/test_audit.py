"""The audit holds what was done and not who it was done to; whoever changes it afterwards is found out."""

from __future__ import annotations

import io
import json
import threading
from collections.abc import Callable, Iterator
from datetime import datetime, timedelta
from uuid import uuid4

import pytest
from sqlalchemy import Engine, text
from sqlalchemy.exc import ProgrammingError

from fanzha.adapters.store.audit import Act, entries_of, record
from fanzha.adapters.store.audit_check import Head, Proof, verify_audit
from fanzha.adapters.store.audit_export import export_audit, verify_export
from fanzha.adapters.store.engine import APP, app_engine
from fanzha.adapters.store.keys import Keys, add_audit_key, open_keys
from fanzha.adapters.store.sealing import seal_audit
from fanzha.adapters.store.unit_of_work import system_unit_of_work, unit_of_work
from fanzha.kernel.errors import Broken, Invalid
from fanzha.kernel.units import Actor
from fanzha.settings import Settings
from tests.conftest import CITY, COUNTY, OTHER_COUNTY, STATION
from tests.databases import TestServer

PATIENCE_SECONDS = 120.0
Tamper = Callable[[str], None]


@pytest.fixture
def base(server: TestServer) -> Iterator[str]:
    with server.database() as name:
        yield name


@pytest.fixture
def engine(server: TestServer, base: str) -> Iterator[Engine]:
    engine = app_engine(server.url(APP, base), pool=5)
    yield engine
    engine.dispose()


@pytest.fixture
def tamper(server: TestServer, base: str) -> Tamper:
    """What somebody with the whole database in their hands could do."""

    def run(statement: str) -> None:
        with server.superuser(base).connect() as connection:
            connection.execute(text("SET session_replication_role = replica"))
            connection.execute(text(statement))

    return run


def act(number: int = 0, action: str = "case.opened") -> Act:
    return Act(action=action, object_kind="case", object_id=f"c{number}", unit_path=COUNTY, detail={"n": number})


def do(engine: Engine, actor: Actor, now: datetime, count: int = 1) -> None:
    for number in range(count):
        with unit_of_work(engine, actor, now) as connection:
            record(connection, act(number), actor, now)


def prove(engine: Engine, keys: Keys, now: datetime, known: Head | None = None) -> Proof:
    with system_unit_of_work(engine, now) as connection:
        return verify_audit(connection, keys.audit_public_keys(), known)


def test_an_entry_lives_and_dies_with_its_effect(engine: Engine, county_actor: Actor, now: datetime) -> None:
    with pytest.raises(ZeroDivisionError), unit_of_work(engine, county_actor, now) as connection:
        record(connection, act(), county_actor, now)
        raise ZeroDivisionError
    do(engine, county_actor, now)
    with unit_of_work(engine, county_actor, now) as connection:
        (entry,) = entries_of(connection, "case", "c0", 10)
    assert (entry.actor_id, entry.actor_name, entry.at) == (county_actor.user_id, "tester2", now)
    assert entry.act == act()


@pytest.mark.parametrize(
    "detail",
    [
        {"name": "测试·甲"},
        {"account": "9999990000000001"},
        {"phone": "12000000001"},
        {"note": "some words of somebody"},
        {"deep": [{"x": "990000199001010015"}]},
        {"rate": 0.5},
        {"12000000001": 1},
    ],
)
def test_values_never_enter_the_audit(
    engine: Engine, county_actor: Actor, now: datetime, detail: dict[str, object]
) -> None:
    bad = Act(action="case.opened", object_kind="case", object_id="c1", unit_path=COUNTY, detail=detail)
    with unit_of_work(engine, county_actor, now) as connection, pytest.raises(Broken, match="value_in_detail"):
        record(connection, bad, county_actor, now)


def test_ids_counts_and_codes_do(engine: Engine, county_actor: Actor, now: datetime) -> None:
    detail = {"import": str(uuid4()), "sha256": "0123456789abcdef" * 4, "subject": 2**62, "codes": ["a.b", None, True]}
    good = Act(
        action="import.done", object_kind="case", object_id="c1", unit_path=COUNTY, purpose="trace", detail=detail
    )
    with unit_of_work(engine, county_actor, now) as connection:
        record(connection, good, county_actor, now)
        assert entries_of(connection, "case", "c1", 1)[0].act == good


def test_entries_are_seen_by_their_unit_and_written_in_ones_own_name(
    engine: Engine, county_actor: Actor, other_actor: Actor, now: datetime
) -> None:
    do(engine, county_actor, now)
    with unit_of_work(engine, other_actor, now) as connection:
        assert entries_of(connection, "case", "c0", 10) == []
        record(connection, act(5), other_actor, now)  # a match in another unit is on record there
    with unit_of_work(engine, county_actor, now) as connection:
        assert [each.actor_name for each in entries_of(connection, "case", "c5", 10)] == ["tester4"]
    with (
        pytest.raises(ProgrammingError, match="row-level security"),
        unit_of_work(engine, other_actor, now) as connection,
    ):
        record(connection, act(), county_actor, now)


def test_entries_page_from_the_newest(engine: Engine, county_actor: Actor, now: datetime) -> None:
    with unit_of_work(engine, county_actor, now) as connection:
        for number in range(5):
            record(
                connection,
                Act(action="a.b", object_kind="x", object_id="1", unit_path=COUNTY, detail={"n": number}),
                county_actor,
                now,
            )
        first = entries_of(connection, "x", "1", 3)
        rest = entries_of(connection, "x", "1", 3, before=first[-1].seq)
    assert [each.act.detail["n"] for each in first + rest] == [4, 3, 2, 1, 0]


def test_sealed_entries_are_proved_and_the_rest_is_told(
    engine: Engine, keys: Keys, county_actor: Actor, now: datetime
) -> None:
    do(engine, county_actor, now, 3)
    assert seal_audit(engine, keys, now) == 3
    with system_unit_of_work(engine, now) as connection:
        placed = "SELECT seq FROM audit_sealed JOIN audit_entry ON id = entry_id ORDER BY position"
        assert list(connection.scalars(text(placed))) == [1, 2, 3], "in the order they were written"
    assert seal_audit(engine, keys, now) == 0
    do(engine, county_actor, now + timedelta(hours=1), 2)
    proof = prove(engine, keys, now)
    assert proof.holds
    assert (proof.seals, proof.entries, proof.unsealed, proof.unsealed_since) == (1, 3, 2, now + timedelta(hours=1))


def test_an_empty_audit_holds(engine: Engine, keys: Keys, now: datetime) -> None:
    assert prove(engine, keys, now) == Proof(seals=0, entries=0, head=None, first_break=None)


def test_an_entry_committed_late_is_sealed_late_and_not_missed(
    engine: Engine, keys: Keys, county_actor: Actor, now: datetime
) -> None:
    with unit_of_work(engine, county_actor, now) as slow:
        record(slow, act(1), county_actor, now)
        do(engine, county_actor, now, 1)  # a later entry commits first
        assert seal_audit(engine, keys, now) == 1
    assert seal_audit(engine, keys, now) == 1
    proof = prove(engine, keys, now)
    assert proof.holds and proof.entries == 2 and proof.unsealed == 0


def test_sealers_and_writers_at_once_leave_one_whole_chain(
    engine: Engine, keys: Keys, county_actor: Actor, now: datetime
) -> None:
    stop = threading.Event()

    def sealing() -> None:
        while not stop.is_set():
            seal_audit(engine, keys, now)

    sealers = [threading.Thread(target=sealing, daemon=True) for _ in range(2)]
    told = (engine, county_actor, now, 40)
    writers = [threading.Thread(target=do, args=told, daemon=True) for _ in range(2)]
    for thread in sealers + writers:
        thread.start()
    for thread in writers:
        thread.join(PATIENCE_SECONDS)
    stop.set()
    for thread in sealers:
        thread.join(PATIENCE_SECONDS)
    assert not any(thread.is_alive() for thread in sealers + writers)
    seal_audit(engine, keys, now)
    proof = prove(engine, keys, now)
    assert proof.holds and proof.entries == 80 and proof.unsealed == 0


TENTH = "SELECT id FROM audit_entry WHERE seq = 10"
TAMPERED = [
    ("UPDATE audit_entry SET actor_name = 'somebody' WHERE seq = 5", "entry_changed", 2),
    ("UPDATE audit_entry SET at = at + interval '1 microsecond' WHERE seq = 5", "entry_changed", 2),
    ("UPDATE audit_entry SET detail = '{\"n\": 7}' WHERE seq = 5", "entry_changed", 2),
    ("DELETE FROM audit_entry WHERE seq = 5", "entry_missing", 2),
    ("DELETE FROM audit_sealed WHERE seal = 2 AND position = 1", "entry_missing", 2),
    ("DELETE FROM audit_sealed WHERE seal = 2 AND position = 2", "entry_missing", 2),
    ("DELETE FROM audit_seal WHERE number = 2", "seal_missing", 2),
    ("UPDATE audit_seal SET signature = link WHERE number = 2", "signature_wrong", 2),
    ("UPDATE audit_seal SET at = at + interval '1 second' WHERE number = 2", "signature_wrong", 2),
    ("UPDATE audit_seal SET key_id = 'other' WHERE number = 2", "key_unknown", 2),
    ("UPDATE audit_seal SET previous = link WHERE number = 2", "seal_unlinked", 2),
    ("UPDATE audit_sealed SET position = 5 - position WHERE seal = 2", "entry_missing", 2),
    ("UPDATE audit_sealed SET entry_id = gen_random_uuid() WHERE seal = 2 AND position = 0", "entry_missing", 2),
    (f"UPDATE audit_sealed SET entry_id = ({TENTH}) WHERE seal = 2 AND position = 0", "entry_changed", 2),
]


@pytest.mark.parametrize(("change", "why", "seal"), TAMPERED)
def test_every_change_is_found_where_it_is(
    engine: Engine, keys: Keys, county_actor: Actor, now: datetime, tamper: Tamper, change: str, why: str, seal: int
) -> None:
    for _ in range(3):
        do(engine, county_actor, now, 3)
        seal_audit(engine, keys, now)
    do(engine, county_actor, now)
    tamper(change)
    proof = prove(engine, keys, now)
    assert proof.first_break is not None
    assert (proof.first_break.why, proof.first_break.seal, proof.seals) == (why, seal, seal - 1)
    out = io.StringIO()
    with system_unit_of_work(engine, now) as connection:
        export_audit(connection, keys.audit_public_keys(), out)
    assert verify_export(out.getvalue().splitlines()).first_break == proof.first_break


def test_a_chain_cut_short_is_found_by_whoever_noted_its_head(
    engine: Engine, keys: Keys, county_actor: Actor, now: datetime, tamper: Tamper
) -> None:
    heads = []
    for _ in range(3):
        do(engine, county_actor, now)
        seal_audit(engine, keys, now)
        heads.append(prove(engine, keys, now).head)
    assert prove(engine, keys, now, heads[1]).holds
    tamper("DELETE FROM audit_sealed WHERE seal = 3")
    tamper("DELETE FROM audit_seal WHERE number = 3")
    assert prove(engine, keys, now, heads[1]).holds
    cut = prove(engine, keys, now, heads[2])
    assert cut.first_break is not None and cut.first_break.why == "head_missing"
    assert cut.unsealed == 1, "and its entry stands unsealed"


def test_an_export_is_proved_without_a_database(engine: Engine, keys: Keys, county_actor: Actor, now: datetime) -> None:
    do(engine, county_actor, now, 4)
    seal_audit(engine, keys, now)
    do(engine, county_actor, now, 2)
    out = io.StringIO()
    with system_unit_of_work(engine, now) as connection:
        assert export_audit(connection, keys.audit_public_keys(), out) == 6
    lines = out.getvalue().splitlines()
    assert verify_export(lines, keys.audit_public_keys()) == prove(engine, keys, now)
    for number, line in enumerate(lines[2:6], start=2):
        told = json.loads(line)
        told["entry"]["actor_name"] = "somebody"
        changed = [*lines[:number], json.dumps(told), *lines[number + 1 :]]
        broken = verify_export(changed).first_break
        assert broken is not None and (broken.why, broken.position) == ("entry_changed", number - 2)
    with pytest.raises(Invalid, match="export_damaged_at line=3"):
        verify_export([*lines[:2], lines[2][:20]])
    with pytest.raises(Invalid, match="not_an_export"):
        verify_export(['{"format": "something/1"}'])
    with pytest.raises(Invalid, match="export_damaged"):
        verify_export([lines[0], '{"seal": {}}'])


def test_another_installations_keys_prove_nothing(
    engine: Engine, keys: Keys, county_actor: Actor, now: datetime, tmp_path: object
) -> None:
    do(engine, county_actor, now)
    seal_audit(engine, keys, now)
    with system_unit_of_work(engine, now) as connection:
        proof = verify_audit(connection, {})
    assert proof.first_break is not None and proof.first_break.why == "key_unknown"


def test_seals_of_an_older_key_stay_provable(
    engine: Engine, keys: Keys, settings: Settings, county_actor: Actor, now: datetime
) -> None:
    do(engine, county_actor, now)
    seal_audit(engine, keys, now)
    add_audit_key(settings.keys, now + timedelta(days=365))
    renewed = open_keys(settings.keys)
    do(engine, county_actor, now)
    seal_audit(engine, renewed, now)
    assert prove(engine, renewed, now).holds
    with system_unit_of_work(engine, now) as connection:
        assert connection.scalar(text("SELECT count(DISTINCT key_id) FROM audit_seal")) == 2


def test_the_application_cannot_edit_entries_or_seals(
    engine: Engine, keys: Keys, county_actor: Actor, now: datetime
) -> None:
    do(engine, county_actor, now)
    seal_audit(engine, keys, now)
    for table in ("audit_entry", "audit_seal", "audit_sealed"):
        for change in (
            f"DELETE FROM {table}",
            f"UPDATE {table} SET link = link" if "sea" in table else f"UPDATE {table} SET action = 'x'",
        ):
            with (
                pytest.raises(ProgrammingError, match="permission denied"),
                system_unit_of_work(engine, now) as connection,
            ):
                connection.execute(text(change))


def test_units_see_entries_of_units_below(
    engine: Engine, city_actor: Actor, station_actor: Actor, now: datetime
) -> None:
    for path in (STATION, OTHER_COUNTY, CITY):
        with unit_of_work(engine, city_actor, now) as connection:
            record(connection, Act(action="a.b", object_kind="x", object_id="1", unit_path=path), city_actor, now)
    with unit_of_work(engine, station_actor, now) as connection:
        assert [each.act.unit_path for each in entries_of(connection, "x", "1", 9)] == [STATION]


def test_an_id_that_ends_in_digits_only_is_an_id_and_no_bare_number_is() -> None:
    from fanzha.adapters.store.audit import _no_values
    from fanzha.kernel.errors import Broken

    _no_values("01a2025e-d59b-7f11-81b0-123456789012", "case.opened")
    with pytest.raises(Broken):
        _no_values("123456789012", "case.opened")
