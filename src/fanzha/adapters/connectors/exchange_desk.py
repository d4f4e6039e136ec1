"""The institution's side of a folder: requests that lie there are taken once, what is said is laid down signed."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from fanzha.adapters.connectors.folder import (
    DOCUMENTS,
    IN,
    OUT,
    REFUSED,
    SEAL,
    SUFFIXES,
    TAKEN,
    Documents,
    Said,
    file_name,
    is_regular,
    lay,
    move_to,
    read_regular,
)
from fanzha.adapters.connectors.tables import csv_bytes, from_rows, read_table, rows_of, xlsx_bytes
from fanzha.kernel.clock import Clock
from fanzha.kernel.errors import Forbidden, Invalid
from fanzha.protocol.fields import MAX_MESSAGE_BYTES
from fanzha.protocol.file_seal import LARGEST_SEAL_BYTES, seal_file, verify_file
from fanzha.protocol.keys import PublicKey, SigningKey
from fanzha.protocol.request import Request
from fanzha.registers.institutions import TableFormat


@dataclass(frozen=True, slots=True, kw_only=True)
class ExchangeDesk:
    """A desk that works through a folder: whose signatures it believes, by which key and as which table it writes."""

    folder: Path
    centre_keys: Callable[[], Sequence[PublicKey]]
    key: SigningKey
    wall: Clock
    table: TableFormat = TableFormat.XLSX

    def waiting(self) -> Iterator[Request]:
        """Requests that lie there, oldest name first; what is not the centre's or cannot be read is moved aside."""
        out = self.folder / OUT
        for path in sorted(out.glob("request_*")) if out.is_dir() else ():
            if path.suffix not in SUFFIXES or not is_regular(path):
                continue
            try:
                yield self._request(path)
            except (Invalid, Forbidden):
                move_to(path, out / REFUSED)

    def take(self, request: Request) -> None:
        """Have a request: it is worked on from now."""
        out = self.folder / OUT
        for path in (out / f"request_{request.application_id}{suffix}" for suffix in SUFFIXES):
            if path.exists():
                move_to(path, out / TAKEN)

    def say(self, said: Said) -> None:
        """Lay down what there is to tell; the same again is the same file."""
        rows, name = rows_of(said), f"{file_name(said)}.{self.table.value}"
        content = csv_bytes(rows) if self.table is TableFormat.CSV else xlsx_bytes(rows)
        lay(self.folder / IN, name + SEAL, seal_file(name, content, self.key, self.wall.now()))
        lay(self.folder / IN, name, content)

    def _request(self, path: Path) -> Request:
        content = read_regular(path, MAX_MESSAGE_BYTES)
        seal = read_regular(path.with_name(path.name + SEAL), LARGEST_SEAL_BYTES)
        verify_file(path.name, content, seal, self.centre_keys())
        enclosed = (each for each in sorted((path.parent / DOCUMENTS).glob("*")) if is_regular(each))
        told = from_rows(Request, read_table(content, path.suffix), Documents({each.name: each for each in enclosed}))
        if path.stem != f"request_{told.application_id}":
            raise Invalid("connectors.file_name", path="application_id")
        return told
