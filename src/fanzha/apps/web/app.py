"""The console as an ASGI application, joined from its parts."""

from __future__ import annotations

from importlib.resources import files

from fastapi import FastAPI
from starlette.middleware.gzip import GZipMiddleware
from starlette.responses import Response
from starlette.staticfiles import StaticFiles
from starlette.types import Scope

from fanzha.apps.web.api import (
    v1,
    v1_authorities,
    v1_delegations,
    v1_figures,
    v1_incidents,
    v1_institutions,
    v1_objections,
    v1_orders,
)
from fanzha.apps.web.console import Console
from fanzha.apps.web.errors import add_error_pages
from fanzha.apps.web.pages import (
    accounts,
    after_hour,
    authorities,
    case,
    cases,
    clocks,
    delegations,
    doors,
    events,
    figures,
    handover,
    home,
    imports,
    incidents,
    institution_calls,
    institutions,
    joining,
    keeping,
    movements,
    new_order,
    notices,
    objections,
    order,
    order_papers,
    orders,
    picture,
    quality,
    report_files,
    reveal,
    search,
    seat,
    staff,
    told_answer,
    trace,
    trace_files,
    trace_picture,
    unit,
    victims,
    work,
)
from fanzha.apps.web.ports import ConsoleData, Doors
from fanzha.apps.web.security.guard import Guard
from fanzha.apps.web.settings import WebSettings
from fanzha.apps.web.throttle import Throttle
from fanzha.kernel.clock import Clock, WallClock

PAGES = (
    institution_calls,
    doors,
    home,
    joining,
    handover,
    report_files,
    incidents,
    after_hour,
    figures,
    authorities,
    cases,
    search,
    case,
    keeping,
    imports,
    quality,
    movements,
    accounts,
    trace,
    trace_files,
    trace_picture,
    clocks,
    delegations,
    new_order,
    orders,
    order,
    objections,
    notices,
    order_papers,
    told_answer,
    seat,
    institutions,
    picture,
    reveal,
    events,
    staff,
    unit,
    victims,
    work,
)


BURST_SECONDS = 10
"""What an institution may say at once: as much as in these seconds, since answers to many orders come together."""


class KeptFiles(StaticFiles):
    """Static files whose address carries their content's mark: kept for ever, with no question back."""

    async def get_response(self, path: str, scope: Scope) -> Response:
        """The file, with leave to keep it when the address is marked."""
        answer = await super().get_response(path, scope)
        marked = scope["query_string"].startswith(b"v=") and answer.status_code == 200
        answer.headers["Cache-Control"] = "public, max-age=31536000, immutable" if marked else "no-cache"
        return answer


def create_app(data: ConsoleData, way_in: Doors, settings: WebSettings, wall: Clock | None = None) -> FastAPI:
    """The console over its data and its doors; `wall` times log-in tries."""
    clock = wall or WallClock()
    app = FastAPI(title="Fanzha", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    app.state.console = Console(
        data=data,
        doors=way_in,
        settings=settings,
        wall=clock,
        log_ins=Throttle(clock=clock, tries=settings.log_in_tries, seconds=settings.log_in_seconds),
        searches=Throttle(clock=clock, tries=settings.search_tries, seconds=1),
        calls=Throttle(
            clock=clock,
            tries=settings.institution_calls * BURST_SECONDS,
            seconds=1 / settings.institution_calls,
            code="institutions.too_many_calls",
        ),
    )
    for page in PAGES:
        app.include_router(page.router, include_in_schema=False)
    app.include_router(v1.router)
    app.include_router(v1_orders.router)
    app.include_router(v1_objections.router)
    app.include_router(v1_incidents.router)
    app.include_router(v1_authorities.router)
    app.include_router(v1_institutions.router)
    app.include_router(v1_delegations.router)
    app.include_router(v1_figures.router)
    app.mount("/static", KeptFiles(directory=str(files("fanzha.apps.web").joinpath("static"))))
    add_error_pages(app)
    app.add_middleware(GZipMiddleware, minimum_size=1_000, compresslevel=6)  # 9 takes four times as long for 7 %
    app.add_middleware(institution_calls.ShortWay)
    app.add_middleware(Guard, hosts=settings.hosts)
    return app
