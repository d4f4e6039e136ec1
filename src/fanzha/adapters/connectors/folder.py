"""File exchange with one institution: tables in a folder that both sides read, each message one file.

`to-institution` holds requests, `from-institution` answers, pushes and reports; whoever has taken a file moves it into
`taken` beside it, whoever cannot read one moves it into `refused` with the reason. A file appears whole, by renaming;
names that begin with a dot or end otherwise are nobody's business yet. The same file twice is one message.
"""

from __future__ import annotations

import os
import stat
from base64 import b64encode
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from datetime import timedelta
from hashlib import sha256
from pathlib import Path
from typing import Any

from fanzha.adapters.connectors.port import InstitutionUnusable, Reply, RequestFailed, require_application_id
from fanzha.adapters.connectors.tables import csv_bytes, from_rows, read_table, rows_of, xlsx_bytes
from fanzha.kernel.clock import Clock, from_micros
from fanzha.kernel.errors import FanzhaError, Forbidden, Invalid
from fanzha.protocol.answer import MOST_ANSWERS, Answer, Progress, Receipt, Status
from fanzha.protocol.fields import MAX_DOCUMENT_BYTES, MAX_MESSAGE_BYTES
from fanzha.protocol.file_seal import LARGEST_SEAL_BYTES, seal_file, verify_file
from fanzha.protocol.keys import SigningKey
from fanzha.protocol.messages import BankReport, Collected, Push, Refusal, RefusalCode
from fanzha.protocol.refusing import refusal_of
from fanzha.protocol.request import Request
from fanzha.protocol.wire import canonical, fingerprint
from fanzha.registers.institutions import Institution, TableFormat

OUT, IN, TAKEN, REFUSED, DOCUMENTS = "to-institution", "from-institution", "taken", "refused", "documents"
SUFFIXES = (".csv", ".xlsx")
SEAL = ".sig"
SETTLING = timedelta(minutes=1)
"""A file that cannot be read and is younger than this may still be being written."""
KINDS: Mapping[str, type] = {"answer": Answer, "push": Push, "report": BankReport}

Said = Answer | Push | BankReport


@dataclass(frozen=True, slots=True, kw_only=True)
class FolderConnector:
    """One institution by a folder; `key` signs what we write, `wall` is the time that files are dated by."""

    institution: Institution
    key: Callable[[], SigningKey]
    wall: Clock

    def send(self, request: Request) -> Reply[Receipt | Answer | Refusal]:
        """Lay the request down once; one that lies there, or was taken, is the same request or refused."""
        name = f"request_{request.application_id}"
        try:
            return self._send(request, name)
        except OSError:
            if self._lying(self._folder(OUT), name) is not None:
                raise RequestFailed(self.institution.name, "broken_off") from None
            raise InstitutionUnusable(self.institution.name, "no_access") from None

    def ask(self, application_id: str) -> Reply[Status | Refusal]:
        """How far it is by where the files lie: not laid down, not yet taken, taken, answered."""
        require_application_id(application_id)
        try:
            return self._ask(application_id)
        except OSError:
            raise RequestFailed(self.institution.name, "no_access") from None

    def collect(self, taken: tuple[str, ...]) -> Reply[Collected | Refusal]:
        """What lies there and can be read; what was kept before is moved away, what cannot be read is refused."""
        try:
            return self._collect(taken)
        except OSError:
            raise RequestFailed(self.institution.name, "no_access") from None

    def _send(self, request: Request, name: str) -> Reply[Receipt | Answer | Refusal]:
        there = self._lying(self._folder(OUT), name)
        if there is not None:
            same = fingerprint(self._request(there)) == fingerprint(request)
            told = Receipt(message_id=request.application_id, received_at=self.wall.now(), repeated=True)
            return _own(told if same else Refusal(code=RefusalCode.OTHER_CONTENT, at=self.wall.now()))
        folder = self._folder(OUT)
        for each in request.documents:
            lay(folder / DOCUMENTS, each.sha256, each.content)
        rows = rows_of(request)
        suffix = f".{self.institution.table.value}"
        content = csv_bytes(rows) if self.institution.table is TableFormat.CSV else xlsx_bytes(rows)
        seal = seal_file(name + suffix, content, self.key(), self.wall.now())
        lay(folder, name + suffix + SEAL, seal)
        lay(folder, name + suffix, content)
        return _own(Receipt(message_id=request.application_id, received_at=self.wall.now(), repeated=False))

    def _ask(self, application_id: str) -> Reply[Status | Refusal]:
        answers = tuple(
            each
            for each in self._said((self._folder(IN), self._folder(IN) / TAKEN), f"answer_{application_id}_*")
            if isinstance(each, Answer) and each.application_id == application_id
        )[:MOST_ANSWERS]
        lying = self._lying(self._folder(OUT), f"request_{application_id}")
        progress = Progress.NOT_KNOWN
        if any(each.final for each in answers):
            progress = Progress.DONE
        elif lying is not None:
            progress = Progress.WORKING if lying.parent.name == TAKEN else Progress.RECEIVED
        known = answers if progress is not Progress.NOT_KNOWN else ()
        told = Status(application_id=application_id, progress=progress, as_of=self.wall.now(), answers=known)
        return _own(told)

    def _collect(self, taken: tuple[str, ...]) -> Reply[Collected | Refusal]:
        folder = self._folder(IN)
        for name in taken:
            for path in self._paths(folder):
                if path.stem.rpartition("_")[2] == name:
                    move_to(path, folder / TAKEN)
        said = list(self._said((folder,), refusing=True))
        of_kind: dict[type, list[Any]] = {Answer: [], Push: [], BankReport: []}
        for each in said:
            of_kind[type(each)].append(each)
        more = any(len(each) > MOST_ANSWERS for each in of_kind.values())
        told = Collected(
            more=more,
            answers=tuple(of_kind[Answer][:MOST_ANSWERS]),
            pushes=tuple(of_kind[Push][:MOST_ANSWERS]),
            reports=tuple(of_kind[BankReport][:MOST_ANSWERS]),
        )
        return _own(told)

    def _said(self, folders: tuple[Path, ...], named: str = "*", *, refusing: bool = False) -> Iterator[Said]:
        for folder in folders:
            for path in self._paths(folder, named):
                try:
                    yield self._message(path)
                except (Invalid, Forbidden) as error:
                    if refusing and self._is_settled(path):
                        self._refuse(path, error)

    def _message(self, path: Path) -> Said:
        """The message of a file, signed by the institution where its profile has keys."""
        kind = path.stem.partition("_")[0]
        if kind not in KINDS:
            raise Invalid("connectors.file_name", path="")
        content = read_regular(path, MAX_MESSAGE_BYTES)
        if self.institution.keys:
            seal = read_regular(path.with_name(path.name + SEAL), LARGEST_SEAL_BYTES)
            verify_file(path.name, content, seal, self.institution.keys)
        told: Said = from_rows(KINDS[kind], read_table(content, path.suffix), self._contents(path))
        if told.institution_code != self.institution.code:
            raise Forbidden("protocol.not_yours", path="institution_code")
        if path.stem != file_name(told):
            raise Invalid("connectors.file_name", path=f"{kind}_id")
        return told

    def _request(self, path: Path) -> Request:
        return from_rows(Request, read_table(read_regular(path, MAX_MESSAGE_BYTES), path.suffix), self._contents(path))

    def _contents(self, path: Path) -> Mapping[str, str]:
        """Documents that lie beside, in base64 by their hash; what is not its hash is left out and refused later."""
        top = path.parent.parent if path.parent.name == TAKEN else path.parent
        found = {}
        for each in sorted((top / DOCUMENTS).glob("*")):
            if len(each.name) == 64 and is_regular(each):
                found[each.name] = each
        return Documents(found)

    def _paths(self, folder: Path, named: str = "*") -> list[Path]:
        """The tables of a folder, oldest name first; links, folders and unfinished files are none."""
        if not folder.is_dir():
            return []
        tables = (each for each in folder.glob(named) if each.suffix in SUFFIXES and not each.name.startswith("."))
        return sorted(each for each in tables if is_regular(each))

    def _lying(self, folder: Path, name: str) -> Path | None:
        tried = (place / (name + suffix) for place in (folder, folder / TAKEN) for suffix in SUFFIXES)
        return next((each for each in tried if each.is_file()), None)

    def _is_settled(self, path: Path) -> bool:
        try:
            return from_micros(path.lstat().st_mtime_ns // 1000) + SETTLING < self.wall.now()
        except FileNotFoundError:  # whoever writes it has moved it meanwhile
            return False

    def _refuse(self, path: Path, error: FanzhaError) -> None:
        refused = path.parent / REFUSED
        lay(refused, f"{path.name}.refusal.json", canonical(refusal_of(error, self.wall.now())))
        move_to(path, refused)

    def _folder(self, name: str) -> Path:
        """One of the institution's folders; *unusable* when the whole exchange is not there."""
        top = Path(self.institution.endpoint or "")
        if not top.is_absolute() or not top.is_dir():
            raise InstitutionUnusable(self.institution.name, "no_folder")
        return top / name


def file_name(said: Said) -> str:
    """The name of a message's file, without its end: its kind, the application it answers, its own id."""
    match said:
        case Answer():
            return f"answer_{said.application_id}_{said.answer_id}"
        case Push():
            return f"push_{said.application_id}_{said.push_id}"
    return f"report_{said.report_id}"


class Documents(dict[str, str]):
    """Documents by hash, read when they are asked for and only if they are what their name says."""

    def __init__(self, places: Mapping[str, Path]) -> None:
        super().__init__()
        self._places = places

    def __contains__(self, name: object) -> bool:
        return name in self._places

    def __getitem__(self, name: str) -> str:
        content = read_regular(self._places[name], MAX_DOCUMENT_BYTES)
        if sha256(content).hexdigest() != name:
            raise Invalid("protocol.other_hash", path="documents")
        return b64encode(content).decode()


def _own(message: Any) -> Reply[Any]:
    """What the folder itself tells: nobody signed it but we read it there."""
    return Reply(message=message, body=canonical(message), seal={}, key_id="")


def is_regular(path: Path) -> bool:
    """Whether a file lies there: no link, no folder, nothing that was moved away meanwhile."""
    try:
        return stat.S_ISREG(path.lstat().st_mode)
    except FileNotFoundError:
        return False


def read_regular(path: Path, limit: int) -> bytes:
    """The bytes of a regular file, not of what a link points to; `Invalid` beyond the limit or when it is gone."""
    try:
        handle = os.open(path, os.O_RDONLY | os.O_NOFOLLOW)
    except OSError:
        raise Invalid("connectors.no_file", path=path.suffix) from None
    with os.fdopen(handle, "rb") as opened:
        content = opened.read(limit + 1)
    if len(content) > limit:
        raise Invalid("protocol.too_large", path="", limit_bytes=limit)
    return content


def lay(folder: Path, name: str, content: bytes) -> None:
    """Write a file that appears whole or not at all, and survives a power cut."""
    folder.mkdir(mode=0o770, parents=True, exist_ok=True)
    part = folder / f".{name}.part"
    with part.open("wb") as opened:
        opened.write(content)
        opened.flush()
        os.fsync(opened.fileno())
    part.rename(folder / name)
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def move_to(path: Path, folder: Path) -> None:
    """Move a table and its signature; whoever was faster has done it."""
    folder.mkdir(mode=0o770, parents=True, exist_ok=True)
    for each in (path.with_name(path.name + SEAL), path):
        if each.exists():
            each.rename(folder / each.name)
