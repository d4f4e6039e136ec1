"""procrastinate doing what `fanzha bench work` asks of our work table, on the same server; prints seconds or waits."""

from __future__ import annotations

import asyncio
import sys
import time

from procrastinate import App, PsycopgConnector

QUEUE = "bench"
CONCURRENCY = 32
DEFER_AT_ONCE = 1_000

connector = PsycopgConnector(conninfo=sys.argv[1] if len(sys.argv) > 1 else "", max_size=CONCURRENCY + 4)
app = App(connector=connector)


@app.task(queue=QUEUE)
async def take_effect(key: str) -> None:
    """A row in another table."""
    await app.connector.execute_query_async("INSERT INTO bench_effect VALUES (%(key)s, now())", key=key)


async def prepare() -> None:
    """Its tables and the one for effects."""
    async with app.open_async():
        await app.schema_manager.apply_schema_async()
        await app.connector.execute_query_async("CREATE TABLE bench_effect (key text, at timestamptz)")


async def work(jobs: int) -> None:
    """Seconds for so many jobs that are due; the table is analysed first, which helps it."""
    async with app.open_async():
        for start in range(0, jobs, DEFER_AT_ONCE):
            await take_effect.batch_defer_async(*[{"key": str(start + each)} for each in range(DEFER_AT_ONCE)])
        await app.connector.execute_query_async("ANALYZE procrastinate_jobs")
        begun = time.perf_counter()
        await app.run_worker_async(queues=[QUEUE], concurrency=CONCURRENCY, wait=False, install_signal_handlers=False)
        print(time.perf_counter() - begun)


async def wait() -> None:
    """A worker with nothing to do, until it is killed."""
    async with app.open_async():
        await app.run_worker_async(queues=[QUEUE], concurrency=CONCURRENCY)


if __name__ == "__main__":
    what = {"prepare": prepare, "wait": wait}.get(sys.argv[2])
    asyncio.run(what() if what else work(int(sys.argv[2])))
