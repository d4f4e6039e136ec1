"""`python -m bench.figures_page [INCIDENTS]`: what the page of figures costs with a month of so many incidents.

CPU time of this process and of the database, by page and by statement: figures that another's load on the machine moves
little. Each incident has its own case and six orders, of which three are stops; one in twenty is joined to another.
"""

from __future__ import annotations

import json
import sys
import tempfile
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from shutil import rmtree
from statistics import median

from fastapi.testclient import TestClient
from sqlalchemy import create_engine, text
from sqlalchemy.pool import NullPool

from bench.chase_steps import _database_s
from bench.desk_city import found_city
from bench.desk_scene import _headers, _people
from fanzha.adapters.store.hour_figures import (
    answers_by_code,
    held_of_victims,
    incident_times,
    lapsed_stops,
    released_unrelated,
)
from fanzha.adapters.store.server import start_server
from fanzha.apps.web.app import create_app
from fanzha.apps.web.serve import console_data, way_in, web_settings
from fanzha.kernel.units import Actor
from fanzha.settings import DEFAULT_DATABASE, Settings
from fanzha.simulation.institutions.setup import Profile
from fanzha.wiring.figures import AskedOver, over_of
from fanzha.wiring.house import CENTRE, House, open_house, operator
from fanzha.wiring.people import doors_of

TIMES, PORT = 10, 8000
_ROWS = """
CREATE TEMPORARY TABLE one AS SELECT n, gen_random_uuid() AS incident, gen_random_uuid() AS case_id,
  CAST(:now AS timestamptz) - interval '29 days' * n / :many AS at,
  CASE WHEN n % 3 = 0 THEN :centre ELSE :centre || '.county01' END AS unit FROM generate_series(1, :many) AS n;
INSERT INTO case_file (id, ref, title, unit_path, state, since, retention, held, opened_at, opened_by)
  SELECT case_id, 'B' || n, '', unit, 'preliminary', at, 'criminal', false, at, 'bench' FROM one;
INSERT INTO incident (id, number, case_id, unit_path, source, reported_at, taken_at, taken_by_id, taken_by, victim,
  scam_type, paperwork_due)
  SELECT incident, 'B' || n, case_id, unit, '110', at, at, NULL, 'bench', NULL, '', at FROM one;
INSERT INTO incident_standing (incident_id, case_id, unit_path, state, taken_at, lost_fen, held_fen,
  recoverable_fen, doubtful_fen, gone_fen, waiting, paid_at)
  SELECT incident, case_id, unit, 'open', at, 4000000, 1000000, 0, 0, 0, 0,
  at - interval '1 minute' * (n % 500) FROM one;
INSERT INTO incident_entry (id, incident_id, unit_path, kind, at, actor_name, value)
  SELECT gen_random_uuid(), incident, unit, 'joined', at, 'bench', lag(case_id) OVER (ORDER BY n)::text FROM one
  WHERE n % 20 < 2 ORDER BY n OFFSET 1;
CREATE TEMPORARY TABLE orders AS SELECT gen_random_uuid() AS id, 'B' || n || '-' || m AS number,
  CASE WHEN m < 4 THEN 'stop' ELSE 'query' END AS kind, case_id, unit, at + interval '20 seconds' * m AS sent_at,
  (SELECT array_agg(id ORDER BY id) FROM (SELECT DISTINCT id FROM institution LIMIT 6) AS six) AS banks, n, m
  FROM one, generate_series(1, 6) AS m;
INSERT INTO order_file (id, number, kind, case_id, unit_path, institution_id, target_kind, target, holder,
  holder_class, payment, opened_at, opened_by_id, opened_by)
  SELECT id, number, kind, case_id, unit, banks[1 + (n + m) % cardinality(banks)], 'account',
  n * 10 + m, NULL, '', NULL, sent_at, NULL, 'bench' FROM orders;
INSERT INTO order_standing (order_id, case_id, unit_path, institution_id, kind, target, effect, waits_for,
  requested_fen, holding_fen, times, ends_at, opened_at, changed_at, sent_at, answered_at, code, began_at, held_fen,
  traceable_fen)
  SELECT id, case_id, unit, banks[1 + (n + m) % cardinality(banks)], kind, n * 10 + m,
  CASE WHEN kind = 'query' THEN 'answered' WHEN n % 25 = 0 THEN 'lapsed' ELSE 'held' END, '', 4000000, 0, 0,
  CASE WHEN kind = 'stop' THEN sent_at + interval '2 days' END, sent_at, sent_at, sent_at,
  CASE WHEN n % 30 > 0 THEN sent_at + interval '1 second' * (n % 90) END,
  CASE WHEN n % 30 > 0 THEN CASE WHEN n % 17 = 0 THEN '0301' ELSE '0000' END END,
  CASE WHEN kind = 'stop' AND n % 17 > 0 THEN sent_at + interval '1 second' * (n % 90) END,
  CASE WHEN kind = 'stop' AND n % 17 > 0 THEN 1000000 END, 4000000 FROM orders;
DROP TABLE one; DROP TABLE orders;
"""


def fill(url: str, many: int, house: House) -> None:
    """So many incidents of the last month, over the centre and its county, written past the house."""
    engine = create_engine(url, poolclass=NullPool)
    with engine.begin() as connection:
        asked = {"now": house.now(), "many": many, "centre": CENTRE}
        for statement in filter(str.strip, _ROWS.split(";\n")):
            names = {each for each in asked if f":{each}" in statement}
            connection.execute(text(statement), {each: asked[each] for each in names})
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as connection:
        connection.execute(text("VACUUM ANALYZE"))


def cost(home: Path, do: Callable[[], object]) -> dict[str, float]:
    """CPU milliseconds of one time, here and in the database (a mean: its clock ticks in 10 ms), and wall time."""
    do()
    database = _database_s(home)
    walls: list[float] = []
    ours: list[float] = []
    for _ in range(TIMES):
        began, cpu = time.perf_counter(), time.process_time()
        do()
        walls.append(time.perf_counter() - began)
        ours.append(time.process_time() - cpu)
    told = {
        "cpu_ms_p50": median(ours),
        "cpu_ms_least": min(ours),
        "database_cpu_ms": (_database_s(home) - database) / TIMES,
        "wall_ms_p50": median(walls),
    }
    return {name: round(1_000 * value, 1) for name, value in told.items()}


def measure(many: int) -> dict[str, object]:
    """The whole page as a browser asks for it, and each of its statements."""
    folder = Path(tempfile.mkdtemp(prefix="fanzha-figures-", dir="/var/tmp"))
    folder.chmod(0o755)
    settings = Settings(home=folder / "home", keys=folder / "keys", workers=1, database_url="")
    server = start_server(settings.home)
    try:
        with open_house(settings, "exercise") as house:
            who = _people(house)[0]
            found_city(house, folder / "banks", "http://127.0.0.1:1", 6, Profile.PROMPT)
            fill(server.url("postgres", DEFAULT_DATABASE), many, house)
            return _measured(house, who, settings)
    finally:
        server.leave()
        rmtree(folder, ignore_errors=True)


def _measured(house: House, who: Actor, settings: Settings) -> dict[str, object]:
    app = create_app(console_data(house), way_in(house), web_settings(house), house.wall)
    with TestClient(app, base_url=f"http://127.0.0.1:{PORT}") as browser:
        assert who.user_id is not None
        link = doors_of(house).link_for(who.user_id, operator(), timedelta(minutes=5))
        browser.post(f"/enter/{link}", content="", headers=_headers(PORT))
        page = browser.get("/figures")
        assert 'data-name="figures_units"' in page.text, page.text[:2_000]
        told = {"page": cost(settings.home, lambda: browser.get("/figures"))}
    with house.act(who) as connection:
        over = over_of(connection, AskedOver(), house.now())
        for ask in (incident_times, held_of_victims, answers_by_code, lapsed_stops, released_unrelated):
            told[ask.__name__] = cost(settings.home, lambda ask=ask: ask(connection, over))  # type: ignore[misc]
    return {"page_bytes": len(page.content), **told}


if __name__ == "__main__":
    print(json.dumps(measure(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000), indent=1))
