"""What table pages have in common: read the query, show a page of rows, or export all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any, TypeVar

from fastapi import Request
from starlette.responses import RedirectResponse, Response, StreamingResponse

from fanzha.apps.web.console import console_of
from fanzha.apps.web.exports import csv_lines, xlsx_file
from fanzha.apps.web.rendering import language_of, render
from fanzha.apps.web.views.tables import Page, Query, Table, read_query
from fanzha.kernel.errors import Forbidden, Invalid

Row = TypeVar("Row")
EXPORT_BATCH = 10_000


def answer_table(
    request: Request, table: Table, template: str, fetch: Callable[[Query], Page[Row]], **values: Any
) -> Response:
    """One page of the table as HTML, or all its rows as `?export=csv|xlsx`."""
    query = read_query(table, request.query_params)
    if wished := request.query_params.get("export"):
        return _export(request, table, query, fetch, wished)
    page = fetch(query)
    return render(request, template, table=table, query=query, page=page, **values)


def _export(request: Request, table: Table, query: Query, fetch: Callable[[Query], Page[Row]], wished: str) -> Response:
    if not request.state.visitor.actor.may("statements.export"):
        raise Forbidden("web.may_not")
    language, most = language_of(request), console_of(request).settings.export_rows
    total = fetch(replace(query, page=1, size=1)).total
    if total > most:
        raise Invalid("web.export_too_large", rows=total, limit=most)
    rows = _all_rows(query, fetch)
    name = f"{table.name}.{'xlsx' if wished == 'xlsx' else 'csv'}"
    headers = {"Content-Disposition": f'attachment; filename="{name}"'}
    if wished == "xlsx":
        return Response(xlsx_file(table, rows, language), media_type=_XLSX, headers=headers)
    if wished == "csv":
        return StreamingResponse(
            csv_lines(table, rows, language), media_type="text/csv; charset=utf-8", headers=headers
        )
    raise Invalid("web.bad_filter", name="export")


_XLSX = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


def _all_rows(query: Query, fetch: Callable[[Query], Page[Row]]) -> Iterator[Row]:
    number = 1
    while True:
        page = fetch(replace(query, page=number, size=EXPORT_BATCH))
        yield from page.rows
        if number * EXPORT_BATCH >= page.total or not page.rows:
            return
        number += 1


def see_other(path: str) -> Response:
    """After an effect, the page that shows it: reloading repeats nothing."""
    return RedirectResponse(path, status_code=303)
