"""A file of many reports: each is taken in its own transaction and has its result, whatever is wrong with others."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice
from pathlib import Path
from tempfile import TemporaryDirectory

from pydantic import ValidationError

from fanzha.adapters.files.limits import MIB, ReadLimits
from fanzha.adapters.store.institutions import every_institution
from fanzha.adapters.store.roles import require
from fanzha.apps.web.api.v1_incidents import ReportBody
from fanzha.apps.web.views.incidents import AskedReport
from fanzha.apps.web.views.report_files import TakenFile, TakenReport
from fanzha.apps.web.wired.house_parts import HouseParts
from fanzha.apps.web.wired.incidents import reported
from fanzha.apps.web.wired.report_tables import Ground, TableReport, reports_in
from fanzha.kernel.errors import Conflict, FanzhaError, Invalid
from fanzha.kernel.units import Actor
from fanzha.wiring.house import House
from fanzha.wiring.incidents import is_later

MOST_LINE_BYTES = 1 << 20
MOST_ROWS = 10_000
NAME_CHARACTERS = 60
"""The end of a file's name by which its rows are told; disks take 255 bytes."""
_MARK = b"\xef\xbb\xbf"
"""With it some programs begin a file in UTF-8."""

SMALL = ReadLimits(
    file_bytes=32 * MIB,
    package_bytes=32 * MIB,
    package_free_bytes=32 * MIB,
    workbook_bytes=64 * MIB,
    sheet_cells=1_000_000,
    rows=100_000,
    markup_bytes=8 * MIB,
    members=100,
)
"""What a file may unpack to that is read while somebody waits for its page."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FileBounds:
    """How many rows a file may have, what it may unpack to, and where it is unpacked."""

    rows: int = MOST_ROWS
    reading: ReadLimits = field(default_factory=ReadLimits)
    scratch: Path | None = None


class WiredReportFiles(HouseParts):
    """Files of reports that come through a browser."""

    def take_file(self, actor: Actor, name: str, content: bytes, most_rows: int) -> TakenFile:
        """What became of each row; the file is read where uploads lie and then thrown away."""
        require(actor, "cases.open")
        self.house.uploads.mkdir(mode=0o700, parents=True, exist_ok=True)
        with TemporaryDirectory(dir=self.house.uploads, prefix="reports-") as folder:
            path = Path(folder) / (Path(name).name[-NAME_CHARACTERS:] or "file")
            path.write_bytes(content)
            bounds = FileBounds(rows=most_rows, reading=SMALL, scratch=Path(folder))
            taken = taken_of_file(self.house, actor, path, bounds)
        if not taken.reports:
            raise Invalid("reports.no_rows", place=path.name)
        return taken


def taken_of_file(house: House, actor: Actor, path: Path, bounds: FileBounds = FileBounds()) -> TakenFile:
    """What became of each report of a table, or of lines of JSON; `Invalid`, and none is taken, for what is neither."""
    if not _is_table(path):
        return TakenFile(name=path.name, reports=[*_of_lines(house, actor, path, bounds)])
    with house.act(actor) as connection:
        known = [each.institution for each in every_institution(connection)]
    ground = Ground(institutions=known, now=house.now())
    table = reports_in(path, ground, bounds.rows, bounds.reading, bounds.scratch)
    reports = [_of_row(house, actor, each) for each in table.reports]
    return TakenFile(name=path.name, reports=reports, left_out=table.left_out)


def _of_row(house: House, actor: Actor, report: TableReport) -> TakenReport:
    if report.wrong:
        return TakenReport(lines=report.lines, outcome="rejected", wrong=report.wrong)
    taken = _taken(house, actor, report.lines, report.body)
    return replace(taken, remarks=[*taken.remarks, *report.remarks]) if taken.outcome == "taken" else taken


def taken_of_lines(house: House, actor: Actor, lines: Iterable[bytes]) -> Iterator[TakenReport]:
    """What became of each line of JSON."""
    for number, line in enumerate(lines, 1):
        plain = line.removeprefix(_MARK) if number == 1 else line
        if plain.strip():
            yield _taken(house, actor, [number], plain)


def _of_lines(house: House, actor: Actor, path: Path, bounds: FileBounds) -> Iterator[TakenReport]:
    with path.open("rb") as source:
        if any(islice((line for line in source if line.strip()), bounds.rows, None)):
            raise Invalid("reports.too_many_rows", place=path.name, limit=bounds.rows)
        source.seek(0)
        yield from taken_of_lines(house, actor, source)


def _is_table(path: Path) -> bool:
    """Whether a file is a table and not lines of JSON, by its first character."""
    with path.open("rb") as file:
        head = file.read(4096).removeprefix(_MARK).lstrip()
    return bool(head) and not head.startswith(b"{")


def _taken(house: House, actor: Actor, lines: Sequence[int], line: bytes) -> TakenReport:
    """What became of a report; nothing else than its three outcomes can happen."""
    key = ""
    try:
        if len(line) > MOST_LINE_BYTES:
            raise Invalid("reports.long_line", line=lines[0], limit_bytes=MOST_LINE_BYTES)
        body = ReportBody.model_validate_json(line)
        key = body.key
        asked = body.asked()
        if field := _late(house, asked):
            raise Invalid("reports.line_later", line=lines[0], field=field)
        number, outcome = reported(house, actor, asked, from_file=True)
    except ValidationError as failure:
        first = failure.errors()[0]
        code = "reports.line_lacks" if first["type"] == "missing" else "reports.not_taken"
        wrong: FanzhaError = Invalid(code, line=lines[0], field=".".join(map(str, first["loc"])) or "-")
    except FanzhaError as failure:
        wrong = failure
    else:
        if outcome == "same":
            remarks = [Conflict("reports.recorded", number=number)]
            return TakenReport(lines=lines, key=key, number=number, outcome="repeated", remarks=remarks)
        return TakenReport(lines=lines, key=key, number=number, outcome=outcome)
    return TakenReport(lines=lines, key=key, outcome="rejected", wrong=wrong)


def _late(house: House, asked: AskedReport) -> str:
    """Which time of a report lies later than now, as its line names it; empty without one."""
    times = {"reported_at": asked.reported_at}
    times |= {f"payments.{place}.at": each.at for place, each in enumerate(asked.payments)}
    return next((name for name, at in times.items() if at is not None and is_later(at, house.now())), "")
