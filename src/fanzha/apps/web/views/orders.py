"""What the pages of orders show."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from fanzha.apps.web.views.shown import Choice, Masked


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderLine:
    """An order as a row of a table: whom it concerns (masked), where it stands, what it holds now, until when.

    `signer` is as what the next signature is due, where it waits for one.
    """

    number: str
    kind: str
    target: Masked
    holder: Masked | None
    institution: Choice
    effect: str
    waits: str
    signer: Choice | None
    requested_fen: int | None
    holding_fen: int
    starts_at: datetime | None
    ends_at: datetime | None
    case: str
    unit: Choice
    opened_at: datetime
    changed_at: datetime

    @property
    def order_number(self) -> str:
        """Its number under the heading that orders have for it."""
        return self.number


@dataclass(frozen=True, slots=True, kw_only=True)
class SignatureLine:
    """One signature that an instruction needs: as what, and who gave it when; `at` None while it is missing."""

    capacity: Choice
    by: str = ""
    at: datetime | None = None
    for_name: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Restriction:
    """What an instruction will do, shown before it is done.

    `measure` says in a code what the holder can no longer do, `amount_fen` how much (None: no limit), `until` its end
    if it took effect now, `undo` the act that takes it back, `authority` and `term_source` the texts it rests on.
    """

    act: str
    measure: str
    amount_fen: int | None
    until: datetime | None
    undo: str
    authority: Choice
    term_source: Choice | None
    signers: tuple[Choice, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class InstructionView:
    """One message about an order, from its draft to its answer; `result` is the answer's code or its family."""

    id: str
    act: str
    reason: str
    drafted_at: datetime
    drafted_by: str
    signatures: tuple[SignatureLine, ...]
    paper: str
    delivery: str
    tries: int
    asked: int
    sent_at: datetime | None
    answered_at: datetime | None
    code: str
    result: str
    limit_fen: int | None
    release_fen: int | None
    term: str
    months: int | None
    days: int | None
    query_of: str
    since: datetime | None
    until: datetime | None
    evidence: str
    may_sign: bool
    may_cancel: bool
    may_revive: bool
    may_answer: bool
    restriction: Restriction


@dataclass(frozen=True, slots=True, kw_only=True)
class HeardLine:
    """Who of the institution told an answer that no line brought, how, when, and under which number of theirs."""

    by: str
    way: str
    at: datetime
    reference: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EntryLine:
    """One thing that happened to an order; `result` is a code of the national catalogue, `note` one of ours."""

    at: datetime
    by: str
    is_house: bool
    kind: str
    act: str
    capacity: Choice | None
    for_name: str
    code: str
    result: str
    note: str
    reason: str
    held_fen: int | None
    balance_fen: int | None
    released_fen: int
    ends_at: datetime | None
    heard: HeardLine | None = None
    reply: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class PaidLine:
    """The payment on which an order rests."""

    amount_fen: int
    at: datetime
    institution: Choice | None
    payer: Masked | None
    name: Masked | None


@dataclass(frozen=True, slots=True, kw_only=True)
class PriorLine:
    """A freeze before ours, as the bank tells it."""

    organ: str
    amount_fen: int | None
    ends_at: datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class SaidLine:
    """A message about an order that told lines: how many, how many movements of the case they are, in which import."""

    at: datetime
    message: str
    rows: int
    movements: int
    import_id: str
    excluded: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class HolderLine:
    """Whom the institution's file has as holder; `agrees` is yes, no, or empty where the case knows no name."""

    at: datetime
    name: Masked | None
    document: Masked | None
    holder_class: str
    agrees: str


@dataclass(frozen=True, slots=True, kw_only=True)
class HoldingTold:
    """What lies on an account by its bank at an instant; sums are different things, never added."""

    at: datetime
    account: Masked | None
    balance_fen: int | None
    available_fen: int | None
    held_fen: int | None
    others_fen: int | None
    state: str


@dataclass(frozen=True, slots=True, kw_only=True)
class UnseenCode:
    """What a person must look at: a result of the catalogue, a clock that rang hard, or a code of ours."""

    code: str
    result: str
    clock: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceLine:
    """The file on which a block rests: its hash, what it is by its own bytes, its size, who kept it and when."""

    sha256: str
    media_type: str
    size: int
    at: datetime
    by: str


@dataclass(frozen=True, slots=True, kw_only=True)
class EvidenceFile:
    """That file itself."""

    media_type: str
    body: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class PaperLine:
    """A paper of an order: `form` names it, `sha256` and `issued_at` are there once it was issued, `number` once it is
    signed; `act` and `instruction` say of what it is, both empty for a paper to the person whom the order restricts."""

    id: str
    form: str
    act: str
    instruction: str
    number: str
    sha256: str
    issued_at: datetime | None
    is_draft: bool
    may_take: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderView:
    """The record of an order; its sums are different things and are never added.

    `acts` are what may be instructed now, `unseen` the codes that wait for a person.
    """

    line: OrderLine
    target_kind: str
    holder_class: str
    case_title: str
    opened_by: str
    balance_fen: int | None
    victim_traceable_fen: int | None
    held_fen: int | None
    released_fen: int
    returned_fen: int
    times: int
    unrelated_at: datetime | None
    paid: PaidLine | None
    evidence: EvidenceLine | None
    prior: tuple[PriorLine, ...]
    contradicted: tuple[str, ...]
    unseen: tuple[UnseenCode, ...]
    instructions: tuple[InstructionView, ...]
    papers: tuple[PaperLine, ...]
    entries: tuple[EntryLine, ...]
    said: tuple[SaidLine, ...]
    holders: tuple[HolderLine, ...]
    holdings: tuple[HoldingTold, ...]
    acts: tuple[str, ...]
    may_find_unrelated: bool
    may_confirm: bool
    may_let_go: bool
    writable: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class ActForm:
    """What a person is asked before an act: what it will do, and which terms it takes.

    `asks` are the fields beside the reason: `months`, `release_fen`.
    """

    order: OrderView
    act: str
    restriction: Restriction | None
    instruction: InstructionView | None
    asks: tuple[str, ...]
    longest_months: int | None
    release_days: int | None


@dataclass(frozen=True, slots=True, kw_only=True)
class AnswerForm:
    """What a person is asked who tells an answer: of which instruction, and which sums and times it can have.

    `asks` are among `balance`, `held`, `released`, `starts_at`, `ends_at`; `endings` the result codes by
    what they mean.
    """

    line: OrderLine
    instruction: InstructionView
    asks: tuple[str, ...]
    endings: tuple[tuple[str, tuple[tuple[str, str], ...]], ...]
    longest_name: int


@dataclass(frozen=True, slots=True, kw_only=True)
class AskedAnswer:
    """What a person tells of an answer, and the SHA-256 of the reply that lies with the case."""

    instruction: str
    result: str
    by: str
    way: str
    at: datetime | None
    evidence: str
    reference: str = ""
    words: str = ""
    balance_fen: int | None = None
    held_fen: int | None = None
    released_fen: int | None = None
    starts_at: datetime | None = None
    ends_at: datetime | None = None
    sure: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class OrderAct:
    """What a person does to an order: an act of ours or of an instruction, why, and its terms.

    `key` is given by whoever asks, so that asking twice acts once.
    """

    act: str
    reason: str = ""
    instruction: str = ""
    months: int | None = None
    release_fen: int | None = None
    key: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class TakenPaper:
    """A paper as a file whose name holds nothing personal."""

    pdf: bytes
    file_name: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Waiting:
    """What waits in the queues of the desk: instructions that this person may sign, orders that need a look, calls,
    people who object and wait for an answer."""

    to_sign: int = 0
    to_see: int = 0
    calls: int = 0
    to_answer: int = 0
