"""What table pages have in common: read the query, show a page of rows, or export all of them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from fanzha.apps.web.console import console_of
from fanzha.apps.web.exports import csv_lines, json_lines, xlsx_file
from fanzha.apps.web.rendering import language_of, render
from fanzha.apps.web.views.tables import Listing, Page, Query, Table, read_query
from fanzha.kernel.errors import Forbidden, Invalid

Row = TypeVar("Row")


def answer_table(
    request: Request,
    table: Table,
    template: str,
    fetch: Callable[[Query], Page[Row]],
    every: Callable[[Query], Listing[Row]] | None = None,
    **values: Any,
) -> Response:
    """One page of the table as HTML, or all its rows as `?export=csv|json|xlsx`.

    `every` gives them in one pass; a table that never grows long has none, and its export is one great page.
    """
    query = read_query(table, request.query_params)
    if wished := request.query_params.get("export"):
        return _export(request, table, query, every or (lambda asked: _listed(request, fetch, asked)), wished)
    page = fetch(query)
    return render(request, template, table=table, query=query, page=page, **values)


def _listed(request: Request, fetch: Callable[[Query], Page[Row]], query: Query) -> Listing[Row]:
    page = fetch(replace(query, page=1, size=console_of(request).settings.export_rows))
    return Listing(total=page.total, rows=iter(page.rows))


def _export(
    request: Request, table: Table, query: Query, every: Callable[[Query], Listing[Row]], wished: str
) -> Response:
    if not request.state.visitor.actor.may("statements.export"):
        raise Forbidden("web.may_not")
    if wished not in ("csv", "json", "xlsx"):
        raise Invalid("web.bad_filter", name="export")
    language, most = language_of(request), console_of(request).settings.export_rows
    listing = every(query)
    if listing.total > most:
        raise Invalid("web.export_too_large", rows=listing.total, limit=most)
    ref = request.path_params.get("ref", "")
    console_of(request).data.exported(request.state.visitor.actor, ref, table.name, listing.total)
    headers = {"Content-Disposition": f'attachment; filename="{table.name}.{wished}"'}
    if wished == "xlsx":
        return Response(xlsx_file(table, listing.rows, language), media_type=_XLSX, headers=headers)
    if wished == "json":
        return StreamingResponse(json_lines(table, listing.rows), media_type="application/json", headers=headers)
    lines = csv_lines(table, listing.rows, language)
    return StreamingResponse(lines, media_type="text/csv; charset=utf-8", headers=headers)


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def see_other(path: str) -> Response:
    """After an effect, the page that shows it: reloading repeats nothing."""
    return RedirectResponse(path, status_code=303)
