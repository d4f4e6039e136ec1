"""Judges answers against truth: recall, precision, double counts, wrong rows and row accounts, each by kind of dirt."""

import re
import unicodedata
from collections import Counter, defaultdict
from dataclasses import dataclass, field

from tests.packages.answers import Answer, FileAnswer
from tests.packages.truth import MovementTruth, PartyTruth, Row, RowTruth, Truth

_WIDTH_S = {"second": 0, "minute": 60, "day": 86_400}
SKEW_S = 300  # an untold side's time may be the other side's, or a bank's clock away from it


@dataclass(slots=True, kw_only=True)
class Fault:
    """One thing that is wrong, with the rows to look at."""

    kind: str
    rows: list[Row]
    detail: str
    tags: list[str] = field(default_factory=list)


@dataclass(slots=True, kw_only=True)
class Score:
    """The verdict on one package."""

    seed: int
    expected: int
    answered: int
    right: int
    neutral: int
    doubles: int
    faults: list[Fault]

    @property
    def recall(self) -> float:
        """Right answers over movements that can be known."""
        return self.right / self.expected if self.expected else 1.0

    @property
    def precision(self) -> float:
        """Right answers over answers."""
        judged = self.answered - self.neutral
        return self.right / judged if judged else 1.0

    def by_tag(self) -> Counter[str]:
        """Faults by kind of dirt."""
        return Counter(tag for fault in self.faults for tag in fault.tags)

    def text(self, limit: int = 40) -> str:
        """The verdict for a person."""
        kinds = dict(Counter(fault.kind for fault in self.faults))
        lines = [f"seed {self.seed}: recall {self.recall:.5f} precision {self.precision:.5f} faults {kinds}"]
        lines[0] += f" expected {self.expected} answered {self.answered} right {self.right} neutral {self.neutral}"
        for fault in self.faults[:limit]:
            where = ", ".join(f"{file}:{row}" for file, row in fault.rows[:4])
            lines.append(f"  {fault.kind}: {where}: {fault.detail} {' '.join(fault.tags)}")
        return "\n".join(lines)


def judge(truth: Truth, answers: list[Answer], accounts: list[FileAnswer]) -> Score:
    """Score movements by evidence and by parties, fen and time; score each file's row account."""
    judged = _Judging(truth)
    judged.match(answers)
    faults = judged.faults + _row_accounts(truth, accounts)
    return Score(
        seed=truth.seed,
        expected=len(truth.movements) - judged.unknowable,
        answered=len(answers),
        right=judged.right,
        neutral=judged.neutral,
        doubles=judged.doubles,
        faults=faults,
    )


class _Judging:
    def __init__(self, truth: Truth) -> None:
        self.truth = truth
        self.rows: dict[Row, RowTruth] = {(row.file, row.row): row for row in truth.rows}
        self.teller: dict[Row, int] = {
            place: n for n, movement in enumerate(truth.movements) for place in movement.evidence
        }
        known = {movement.transfer: n for n, movement in enumerate(truth.movements)}
        for place, row in self.rows.items():
            if row.fate == "any" and row.transfer in known:  # a reader that can use such a row may name it
                self.teller[place] = known[row.transfer]
        self.numbers = {
            number for m in truth.movements for p in (m.payer, m.payee) for number in (*p.identifiers, *p.hidden)
        }
        self.interchangeable = _interchangeable(truth.movements)
        self.faults: list[Fault] = []
        self.right = self.neutral = self.doubles = self.unknowable = 0

    def match(self, answers: list[Answer]) -> None:
        """Pair answers with true movements one to one, as many as can be; name what is left."""
        candidates = [self._candidates(answer) for answer in answers]
        fitting = [[n for n in candidates[k] if not self._wrong(n, answer)] for k, answer in enumerate(answers)]
        taken = _pair(fitting)
        self.right = len(taken)
        matched = set(taken.values())
        for k, answer in enumerate(answers):
            if k not in matched:
                self._unmatched_answer(answer, candidates[k])
        for n, movement in enumerate(self.truth.movements):
            if n not in taken and not self._unknowable(n, taken):
                tellers = [answers[k] for k in range(len(answers)) if n in candidates[k]]
                self._missing(movement, tellers)

    def _candidates(self, answer: Answer) -> list[int]:
        told = {self.teller[place] for place in answer.evidence if place in self.teller}
        return sorted(told | {member for n in told for member in self.interchangeable.get(n, ())})

    def _unknowable(self, n: int, taken: dict[int, int]) -> bool:
        """A movement among equals of which no side tells more than were answered."""
        group = self.interchangeable.get(n, [])
        found = sum(member in taken for member in group)
        if not group or found < _most_tellings([self.truth.movements[member] for member in group]):
            return False
        self.unknowable += 1
        return True

    def _wrong(self, n: int, answer: Answer) -> list[str]:
        movement = self.truth.movements[n]
        wrong = differences(movement, answer)
        if n in self.interchangeable and all("payer_at" in name or "payee_at" in name for name in wrong):
            wrong = []  # equal transfers within minutes: which telling belongs to which is nobody's loss
        for name, party, words in (("payer", movement.payer, answer.payer), ("payee", movement.payee, answer.payee)):
            if words & self.numbers - {*party.identifiers, *party.hidden}:
                wrong.append(f"{name} is another account")
        return wrong

    def _unmatched_answer(self, answer: Answer, candidates: list[int]) -> None:
        rows = sorted(answer.evidence)
        truths = [self.rows.get(place) for place in rows]
        if candidates:
            self._unmatched_telling(answer, candidates)
            return
        if truths and all(row is not None and row.fate == "any" for row in truths):
            self.neutral += 1
            return
        why = sorted({"no such row" if row is None else (row.fate or row.kind) for row in truths})
        tags = sorted({tag for row in truths if row is not None for tag in row.tags})
        self.faults.append(Fault(kind="false", rows=rows, detail=f"{why} {_show(answer)}", tags=tags))

    def _unmatched_telling(self, answer: Answer, candidates: list[int]) -> None:
        """An answer whose rows do tell of movements, all of which other answers have taken or contradict."""
        rows = sorted(answer.evidence)
        own = [self.teller[place] for place in rows if place in self.teller]
        right = [n for n in candidates if not self._wrong(n, answer)]
        if any(self.truth.movements[n].link == "open" for n in right):
            self.neutral += 1
            return
        movement = self.truth.movements[right[0] if right else own[0]]
        if right:
            self.doubles += 1
            self.faults.append(
                Fault(kind="double", rows=sorted({*rows, *movement.evidence}), detail=_show(answer), tags=movement.tags)
            )
            return
        wrong = self._wrong(own[0], answer)
        self.faults.append(Fault(kind="wrong", rows=rows, detail=f"{wrong} {_show(answer)}", tags=movement.tags))

    def _missing(self, movement: MovementTruth, tellers: list[Answer]) -> None:
        told = (
            "; ".join(f"{differences(movement, answer)} {_show(answer)}" for answer in tellers[:2])
            or "no answer names its rows"
        )
        detail = f"{movement.fen} fen {_party(movement.payer)} → {_party(movement.payee)} told as: {told}"
        self.faults.append(Fault(kind="missing", rows=movement.evidence, detail=detail, tags=movement.tags))


def _interchangeable(movements: list[MovementTruth]) -> dict[int, list[int]]:
    """Each movement that has an equal between the same parties close in time, with all of its group."""
    alike: dict[tuple[object, ...], list[tuple[int, int, int]]] = defaultdict(list)
    for n, movement in enumerate(movements):
        ends = (tuple(p.identifiers or p.hidden) for p in (movement.payer, movement.payee))
        told = movement.payer_at + movement.payee_at
        early = min(at_s - _WIDTH_S[precision] for at_s, precision in told)
        late = max(at_s + _WIDTH_S[precision] for at_s, precision in told)
        alike[movement.fen, *ends].append((early, late, n))
    groups: dict[int, list[int]] = {}
    for moments in alike.values():
        moments.sort()
        until, members = moments[0][1], [moments[0][2]]
        for early, late, n in moments[1:]:
            if early - until >= SKEW_S:
                members = []
            members.append(n)
            groups |= dict.fromkeys(members, members)
            until = max(until, late)
    return {n: members for n, members in groups.items() if len(members) > 1}


def _most_tellings(movements: list[MovementTruth]) -> int:
    """How many equal transfers one side's rows alone prove; more than that is not knowable."""
    return max(sum(m.needs_payer_at for m in movements), sum(m.needs_payee_at for m in movements), 1)


def _pair(fitting: list[list[int]]) -> dict[int, int]:
    """Largest one-to-one pairing: true movement → answer."""
    taken: dict[int, int] = {}

    def place(answer: int, tried: set[int]) -> bool:
        for movement in fitting[answer]:
            if movement in tried:
                continue
            tried.add(movement)
            if movement not in taken or place(taken[movement], tried):
                taken[movement] = answer
                return True
        return False

    for answer in range(len(fitting)):
        place(answer, set())
    return taken


def differences(movement: MovementTruth, answer: Answer) -> list[str]:
    """The fields in which an answer contradicts the truth."""
    wrong = []
    if movement.fen != answer.fen:
        wrong.append(f"fen {answer.fen}≠{movement.fen}")
    if not fits(movement.payer, answer.payer):
        wrong.append("payer")
    if not fits(movement.payee, answer.payee):
        wrong.append("payee")
    told = movement.payer_at + movement.payee_at
    for name, at_s, own, needed in (
        ("payer_at", answer.payer_at_s, movement.payer_at, movement.needs_payer_at),
        ("payee_at", answer.payee_at_s, movement.payee_at, movement.needs_payee_at),
    ):
        if at_s is None and (needed or answer.payer_at_s is answer.payee_at_s):
            wrong.append(f"{name} missing")
        elif at_s is not None and not any(_near(at_s, moment, loose=not needed) for moment in own or told):
            wrong.append(name)
    if movement.exit == "cash" and "cash" not in answer.exit.lower():
        wrong.append(f"exit {answer.exit!r}≠cash")
    return wrong


def _near(at_s: float, moment: tuple[int, str], *, loose: bool) -> bool:
    slack = {"second": 1.5, "minute": 60, "day": 86_400}[moment[1]] + (SKEW_S if loose else 0)
    return abs(at_s - moment[0]) <= slack


def _plain(text: str) -> str:
    return unicodedata.normalize("NFKC", text).replace(" ", "")


def fits(party: PartyTruth, words: frozenset[str]) -> bool:
    """Whether an answered party is what the rows show, or rightly more."""
    plain = {_plain(word) for word in words}
    numbers = {
        word
        for word in plain
        if len(re.findall(r"[0-9A-Za-z]", word)) >= 6 and word not in {_plain(n) for n in party.names}
    }
    right = set(party.identifiers) | set(party.hidden)
    if any(any(number in word for word in plain) for number in right):
        return True
    if party.knowledge == "full":
        return False
    if party.knowledge == "masked":
        return all(_consistent(word, party) for word in numbers)
    return not {word for word in numbers if re.fullmatch(r"\d{12,}", word)}


def _consistent(word: str, party: PartyTruth) -> bool:
    """A partial number may stand for a hidden one when it shows no digit that the true number lacks there."""
    if re.fullmatch(r"\d{12,}", word) or re.search(r"0{4,}$", word):
        return False
    head = re.match(r"[0-9]*", word)
    return (
        any(number.startswith(head.group()[:5] if head else "") for number in party.hidden)
        or not head
        or not head.group()
    )


def _show(answer: Answer) -> str:
    payer, payee = ("/".join(sorted(words)) or "-" for words in (answer.payer, answer.payee))
    return f"[{answer.fen} fen {payer} → {payee} {answer.payer_at_s} {answer.payee_at_s} {answer.exit}]"


def _party(party: PartyTruth) -> str:
    return f"{party.knowledge}:{'/'.join(party.identifiers) or party.pattern or '-'}"


def _row_accounts(truth: Truth, accounts: list[FileAnswer]) -> list[Fault]:
    """Every file's data rows = accepted + duplicates + rejected, and the rejected are those of the truth."""
    faults = []
    answered: dict[str, FileAnswer] = {}
    for account in accounts:
        if account.file in answered:
            account = _sum(answered[account.file], account)
        answered[account.file] = account
    by_file: dict[str, list[RowTruth]] = defaultdict(list)
    for row in truth.rows:
        if row.kind == "data":
            by_file[row.file].append(row)
    twins = {name for group in truth.twins for name in group}
    for name, rows in by_file.items():
        found = answered.get(name)
        tags = sorted(
            {tag for row in rows for tag in row.tags if ":" in tag or tag in ("pages", "totals", "truncated")}
        )
        if found is None:
            if name not in twins:
                faults.append(
                    Fault(kind="file unaccounted", rows=[(name, 0)], detail=f"{len(rows)} data rows", tags=tags)
                )
            continue
        detail = f"answered data {found.data} = {found.accepted} + {found.duplicates} + {found.rejected}"
        if found.data != found.accepted + found.duplicates + found.rejected:
            faults.append(Fault(kind="row account does not add up", rows=[(name, 0)], detail=detail, tags=tags))
        if found.data != len(rows):
            faults.append(
                Fault(kind="data rows", rows=[(name, 0)], detail=f"{detail}; true data rows {len(rows)}", tags=tags)
            )
        least = sum(row.fate in ("failed", "rejected") for row in rows)
        most = least + sum(row.fate in ("any", "still") for row in rows)
        if not least <= found.rejected <= most:
            faults.append(
                Fault(
                    kind="rejected count",
                    rows=[(name, 0)],
                    detail=f"{detail}; truly {least} to {most} rejected",
                    tags=tags,
                )
            )
    return faults


def _sum(a: FileAnswer, b: FileAnswer) -> FileAnswer:
    """The row account of two sheets of one file."""
    return FileAnswer(
        file=a.file,
        data=a.data + b.data,
        accepted=a.accepted + b.accepted,
        duplicates=a.duplicates + b.duplicates,
        rejected=a.rejected + b.rejected,
    )
