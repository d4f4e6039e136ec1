"""Evidence and papers kept with a case: sealed bytes below the instance's home, each file under a key of its own.

The bytes are published before the row that names them is committed: a copy of the database never names what is not
there, and what a transaction that failed leaves behind is noise that no row has a key for.
"""

from __future__ import annotations

from collections.abc import Iterable
from io import BytesIO

from sqlalchemy import Connection

from fanzha.adapters.ledger.originals import keep_original, open_original
from fanzha.adapters.ledger.sealed import new_key
from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.cases import case_by_ref, case_for_change
from fanzha.adapters.store.kept_files import FileKind, KeptFile, enter_file, file_if_any, file_of, key_of
from fanzha.adapters.store.orders import entries_of, order_by_number
from fanzha.adapters.store.roles import require
from fanzha.cases.case import Case
from fanzha.cases.purposes import purpose_code
from fanzha.kernel.errors import Illegal, Invalid, NotFound
from fanzha.kernel.ids import CaseId, uuid7
from fanzha.kernel.units import Actor, UnitPath
from fanzha.orders.entries import Entry
from fanzha.orders.order import Order
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.ledgers import places

LARGEST = 10 * 1024 * 1024
"""Bytes of one file: a page as an image or a PDF."""
RECEIVED = "received."
"""How the entry of a reply begins that came back by hand; its SHA-256 follows."""
PDF, TEXT, UNKNOWN = "application/pdf", "text/plain", "application/octet-stream"
_MARKS = (
    (b"%PDF-", PDF),
    (b"\x89PNG\r\n\x1a\n", "image/png"),
    (b"\xff\xd8\xff", "image/jpeg"),
    (b"GIF8", "image/gif"),
)
"""By which first bytes a kind of file is known; nobody's word is taken for it."""


def keep_snapshot(house: House, by: Actor, ref: str, body: bytes) -> str:
    """The SHA-256 under which a snapshot now lies with its case; the same one again is the same file."""
    if not by.may("objections.answer"):
        require(by, "orders.draft")
    with house.act(by) as connection:
        case = case_for_change(connection, case_by_ref(connection, ref).id, by)
        return keep_file(house, connection, (case.id, case.unit_path), FileKind.SNAPSHOT, body, by).sha256


def keep_file(
    house: House, connection: Connection, whose: tuple[CaseId, UnitPath], kind: FileKind, body: bytes, by: Actor
) -> KeptFile:
    """Seal bytes and enter them with their case; `Invalid` when there are none or too many."""
    new, key = seal_file(house, whose, kind, body, by)
    return enter_file(connection, house.keys, new, key, by)


def seal_file(
    house: House, whose: tuple[CaseId, UnitPath], kind: FileKind, body: bytes, by: Actor
) -> tuple[KeptFile, bytes]:
    """Seal bytes beside their case, which does not know of them yet, and tell their key; `Invalid` as above."""
    if not 0 < len(body) <= LARGEST:
        raise Invalid("web.file_too_large", limit_bytes=LARGEST)
    case_id, unit = whose
    file_id, key = uuid7(house.now(), house.chance), new_key()
    original = keep_original(places(house).kept(case_id, file_id), key, BytesIO(body))
    new = KeptFile(
        id=file_id,
        case_id=case_id,
        unit_path=unit,
        kind=kind,
        sha256=original.sha256,
        size=original.size,
        media_type=media_type_of(body),
        at=house.now(),
        by=by.name,
    )
    return new, key


def open_file(house: House, connection: Connection, file: KeptFile) -> bytes:
    """The bytes as they were kept; `Broken` where they are not the same, `NotFound` once they were erased."""
    key = key_of(connection, house.keys, file)
    with open_original(places(house).kept(file.case_id, file.id), key, file.sha256) as original:
        return original.read()


def require_snapshot(connection: Connection, case: Case, sha256: str) -> None:
    """`Illegal` unless the case has a snapshot of this hash: a block rests on what somebody saw and kept."""
    found = file_if_any(connection, case.id, sha256)
    if found is None or found.kind is not FileKind.SNAPSHOT:
        raise Illegal("orders.evidence_missing")


def take_evidence(house: House, actor: Actor, number: str, purpose: str, reply: str = "") -> tuple[KeptFile, bytes]:
    """The evidence that an order rests on, or the `reply` of this SHA-256 that somebody told on it, as it was kept, for
    a purpose; the audit says who saw it."""
    require(actor, "orders.see")
    require(actor, "statements.reveal")
    with house.act(actor) as connection:
        order = order_by_number(connection, number)
        hashes = [each.terms.evidence for each in order.instructions if each.terms.evidence]
        if reply:
            hashes = [each for each in replies_of(entries_of(connection, order.id)) if each == reply]
        if not hashes:
            raise NotFound("evidence.none")
        return take_shown(Desk(house=house, connection=connection, actor=actor), order, hashes[-1], purpose)


def replies_of(entries: Iterable[Entry]) -> list[str]:
    """The SHA-256 of every reply that was told by hand on an order, whether its file is kept here or elsewhere."""
    return [each.code.removeprefix(RECEIVED) for each in entries if each.code.startswith(RECEIVED)]


def take_shown(desk: Desk, order: Order, sha256: str, purpose: str) -> tuple[KeptFile, bytes]:
    """A file of an order's case as it was kept, for a purpose; the audit says who saw it."""
    require(desk.actor, "statements.reveal")
    file = file_of(desk.connection, order.case_id, sha256)
    body = open_file(desk.house, desk.connection, file)
    act = Act(
        action="order.evidence_seen",
        object_kind="order",
        object_id=str(order.id),
        unit_path=order.unit_path,
        purpose=purpose_code(purpose),
        detail={"order": order.number, "sha256": file.sha256},
    )
    record(desk.connection, act, desk.actor, desk.now)
    return file, body


def media_type_of(body: bytes) -> str:
    """What the bytes are by their own marks; text where they are UTF-8, because that runs nowhere."""
    for mark, told in _MARKS:
        if body.startswith(mark):
            return told
    if body[:4] == b"RIFF" and body[8:12] == b"WEBP":
        return "image/webp"
    try:
        body.decode("utf-8")
    except UnicodeDecodeError:
        return UNKNOWN
    return UNKNOWN if b"\0" in body else TEXT
