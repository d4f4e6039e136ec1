"""The generator is a sound judge: worlds add up, truth is consistent, the scorer notices every kind of fault."""

import io
import itertools
import zipfile
from dataclasses import replace
from datetime import UTC, datetime

import pytest
import python_calamine

from tests.packages import answers, package, scorer, truth
from tests.packages.world import effect, make_world

SEEDS = range(6)


@pytest.fixture(scope="module", params=[(seed, dirt) for seed in SEEDS for dirt in ("usual", "nasty", "clean")])
def made(request: pytest.FixtureRequest) -> package.Package:
    seed, dirt = request.param
    return package.make_package(
        seed, dirt={"usual": package.Dirt(), "nasty": package.NASTY, "clean": package.CLEAN}[dirt]
    )


def perfect(known: truth.Truth) -> list[answers.Answer]:
    """The answers of a reader that makes no mistake."""

    def words(party: truth.PartyTruth) -> frozenset[str]:
        return frozenset(
            party.identifiers or [party.pattern.replace("?", "*")] if party.knowledge in ("full", "masked") else []
        )

    def at(moments: list[tuple[int, str]]) -> float | None:
        return float(moments[0][0]) if moments else None

    return [
        answers.Answer(
            id=str(n),
            payer=words(movement.payer),
            payee=words(movement.payee),
            fen=movement.fen,
            payer_at_s=at(movement.payer_at),
            payee_at_s=at(movement.payee_at),
            exit=movement.exit,
            evidence=frozenset(movement.evidence),
        )
        for n, movement in enumerate(known.movements)
    ]


def counted(known: truth.Truth) -> list[answers.FileAnswer]:
    """The row accounts of a reader that makes no mistake."""
    out = []
    for file in known.files:
        rows = [row for row in known.rows if row.file == file and row.kind == "data"]
        rejected = sum(row.fate in ("failed", "rejected") for row in rows)
        out.append(
            answers.FileAnswer(
                file=file, data=len(rows), accepted=len(rows) - rejected, duplicates=0, rejected=rejected
            )
        )
    return out


@pytest.mark.parametrize("seed", SEEDS)
def test_every_ledger_is_exact_by_its_own_clock_and_never_below_zero(seed: int) -> None:
    world = make_world(seed)
    for entries in world.ledgers.values():
        assert [entry.at_s for entry in entries] == sorted(entry.at_s for entry in entries)
        for before, after in itertools.pairwise(entries):
            assert after.balance_fen == before.balance_fen + effect(after.transfer, after.side) >= 0


def test_truth_is_consistent(made: package.Package) -> None:
    assert truth.faults(made.truth) == []
    assert len(made.truth.movements) > 300
    assert {movement.link for movement in made.truth.movements} >= {"single", "certain"}


def _members(files: dict[str, bytes], prefix: str = "") -> dict[str, bytes]:
    found = {}
    for name, body in files.items():
        if not name.endswith(".zip"):
            found[prefix + name] = body
            continue
        with zipfile.ZipFile(io.BytesIO(body)) as archive:
            inner = {
                (i.filename if i.flag_bits & 0x800 else i.filename.encode("cp437").decode("gb18030")): archive.read(i)
                for i in archive.infolist()
            }
        found |= _members(inner, f"{prefix}{name}/")
    return found


def test_every_physical_row_of_every_file_has_a_truth(made: package.Package) -> None:
    members = _members(made.files)
    assert sorted(members) == sorted(made.truth.files)
    for name, body in members.items():
        rows = [row for row in made.truth.rows if row.file == name]
        if name.endswith(("xlsx", "xls")):
            book = python_calamine.CalamineWorkbook.from_filelike(io.BytesIO(body))
            sheet = book.get_sheet_by_index(len(book.sheet_names) - 1)
            assert sheet.end is not None and sheet.end[0] + 1 <= len(rows)
            continue
        encoding = next((e for e in ("utf-8-sig", "utf-16", "gb18030") if _decodes(body, e)), "utf-8")
        lines = body.decode(encoding).replace("\r\n", "\n").removesuffix("\n").split("\n")
        assert len(lines) in (rows[-1].row, rows[-1].row - (rows[-1].kind == "blank"))


def _decodes(body: bytes, encoding: str) -> bool:
    if (encoding == "utf-16") != body.startswith((b"\xff\xfe", b"\xfe\xff")):
        return False
    try:
        body.decode(encoding)
    except UnicodeDecodeError:
        return False
    return True


def test_a_perfect_reader_is_found_perfect(made: package.Package) -> None:
    score = scorer.judge(made.truth, perfect(made.truth), counted(made.truth))
    assert score.faults == []
    assert score.recall == score.precision == 1.0


def test_the_scorer_notices_each_kind_of_fault() -> None:
    known = package.make_package(1).truth
    right = perfect(known)
    both = next(
        n for n, movement in enumerate(known.movements) if movement.link == "certain" and len(movement.evidence) == 2
    )
    first, second = sorted(right[both].evidence)
    halves = [replace(right[both], evidence=frozenset([first])), replace(right[both], evidence=frozenset([second]))]
    assert scorer.judge(known, right[:both] + right[both + 1 :] + halves, []).doubles == 1

    lost = scorer.judge(known, right[1:], [])
    assert lost.recall < 1.0 and any(fault.kind == "missing" for fault in lost.faults)

    for change in ({"fen": right[0].fen + 1}, {"payer": frozenset(["9999990000000000001"])}, {"payer_at_s": 1.0}):
        assert scorer.judge(known, [replace(right[0], **change), *right[1:]], []).right == len(right) - 1

    failed = next(row for row in known.rows if row.fate in ("failed", "void"))
    ghost = replace(right[0], evidence=frozenset([(failed.file, failed.row)]))
    assert [fault.kind for fault in scorer.judge(known, [*right, ghost], []).faults if fault.kind == "false"] == [
        "false"
    ]

    short = counted(known)
    at = next(n for n, account in enumerate(short) if account.data)
    short[at] = replace(short[at], data=short[at].data - 1, accepted=short[at].accepted - 1)
    assert scorer.judge(known, right, short).faults


def test_equal_seeds_give_equal_truth() -> None:
    assert package.make_package(3).truth == package.make_package(3).truth


def test_answers_are_read_from_json() -> None:
    paths = answers.Paths(known=["a.zip/流水.csv", "流水.csv"])
    at = datetime(2024, 3, 1, tzinfo=UTC)
    raw = {"id": 7, "payer": "9999991", "payee": None, "amount_fen": 5, "payer_at": at.isoformat(), "exit": "cash",
           "evidence": [{"file": "in/a.zip!流水.csv", "row": 4}]}  # fmt: skip
    (answer,) = answers.movements({"movements": [raw]}, paths)
    assert answer.evidence == {("a.zip/流水.csv", 4)} and answer.payer_at_s == at.timestamp() and not answer.payee
