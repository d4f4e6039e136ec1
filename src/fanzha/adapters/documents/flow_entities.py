"""A traced case as FollowTheMoney entities (https://followthemoney.tech), one JSON object a line.

A note that says what the file is; accounts, their holders, payments, and the files that prove them. A holder is a
`LegalEntity`: statements do not say whether a name is a person's or a company's, and the same name on two accounts is
not taken for one holder.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from fanzha.adapters.documents.flow_graph import UNSEEN, way_out
from fanzha.adapters.documents.graphml import UNWRITABLE
from fanzha.adapters.documents.sight import Sight
from fanzha.i18n import Language, text
from fanzha.i18n.measures import layers_named
from fanzha.kernel.clock import utc
from fanzha.kernel.money import yuan_plain, yuan_text
from fanzha.workflows.case_ledger import Place
from fanzha.workflows.trace_case import TracedHop
from fanzha.workflows.trace_dossier import Dossier, EvidenceFile

Opaque = Callable[[str], str]
"""An id for an account's number that is always the same and does not tell the number."""

Properties = dict[str, list[str]]


@dataclass(slots=True, kw_only=True)
class _Entities:
    """Entities as they are gathered: a property keeps each of its values once, in the order told."""

    found: dict[str, tuple[str, Properties]] = field(default_factory=dict)

    def add(self, entity: str, schema: str, **told: Iterable[str]) -> str:
        """Add what is told to the entity; its id."""
        _, properties = self.found.setdefault(entity, (schema, {}))
        for name, values in told.items():
            known = properties.setdefault(name, [])
            told_now = dict.fromkeys(value.translate(UNWRITABLE) for value in values)
            known += [value for value in told_now if value and value not in known]
        return entity

    def lines(self) -> Iterator[str]:
        """The entities as JSON lines."""
        for entity, (schema, properties) in self.found.items():
            told = {name: values for name, values in properties.items() if values}
            yield json.dumps({"id": entity, "schema": schema, "properties": told}, ensure_ascii=False) + "\n"


@dataclass(frozen=True, slots=True, kw_only=True)
class _Maker:
    dossier: Dossier
    sight: Sight
    language: Language
    opaque: Opaque
    nodes: Mapping[str, int]
    entities: _Entities = field(default_factory=_Entities)

    def about(self) -> None:
        """What the file is, whoever gets it: of which case, whether real and whole, how far it was followed."""
        case, traced = self.dossier.case, self.dossier.traced
        told = ["graph.exercise"] if self.dossier.is_exercise else []
        told += ["graph.masked" if self.sight.masked else "in_full", f"ended.{traced.trace.stop.name.lower()}"]
        said = [text(self.language, f"flow.{each}") for each in told]
        if cut := traced.cut():
            accounts = text(self.language, "flow.comma").join(map(self.sight.account, cut))
            said.append(text(self.language, "flow.cut", accounts=accounts))
        title = text(self.language, "flow.title", case=case.ref)
        self.entities.add(f"about-{case.id}", "Note", name=[title], description=said)

    def document(self, file: EvidenceFile) -> None:
        """A file that counts in the case."""
        name = self.sight.file(file.path)
        hashed = f"sha256:{file.sha256}"
        self.entities.add(_file(file.sha256), "Document", fileName=[name], title=[name], keywords=[hashed])

    def payment(self, hop: TracedHop) -> None:
        """A payment with the parts of it that are traced; hops of one movement are one payment."""
        told = hop.told
        payer, payer_account = self._party(hop.payer, UNSEEN, hop)
        payee, payee_account = self._party(hop.payee, way_out(hop), hop)
        self.entities.add(
            f"payment-{told.id}" if told else f"inferred-{self._proof(hop)}",
            "Payment",
            payer=[payer],
            payerAccount=payer_account,
            beneficiary=[payee],
            beneficiaryAccount=payee_account,
            amount=[yuan_plain(hop.amount_fen)],
            currency=["CNY"],
            date=[_date(told.payer_at or told.payee_at or hop.at if told else hop.at)],
            recordId=[told.id] if told else [],
            transactionNumber=[place.serial for place in told.evidence] if told else [],
            description=[self._part(hop)],
            proof=[_file(place.sha256) for place in hop.evidence],
            summary=[self._cited(place) for place in hop.evidence],
        )

    def _party(self, account: str, way: str, hop: TracedHop) -> tuple[str, Sequence[str]]:
        """The entity that paid or was paid, and its account where there is one."""
        if account:
            return self._holder(account, hop)
        other = hop.payer or hop.payee
        word = text(self.language, "flow.graph.unseen" if way == UNSEEN else f"words.exit.{way}")
        name = text(self.language, "flow.graph.nobody", way=word, account=self.sight.account(other))
        return self.entities.add(f"{way}-{self.opaque(other)}", "LegalEntity", name=[name]), ()

    def _holder(self, account: str, hop: TracedHop) -> tuple[str, Sequence[str]]:
        """Who holds an account, the account, and that it is theirs."""
        ledger, is_payer = self.dossier.traced.ledger, account == hop.payer
        node = self.nodes[account]
        bank = "" if hop.told is None else hop.told.payer_bank if is_payer else hop.told.payee_bank
        shown, key = self.sight.account(account), self.opaque(account)
        layers = hop.payer_layers if is_payer else hop.payee_layers
        mine = self.entities.add(
            f"account-{key}",
            "BankAccount",
            name=[shown],
            accountNumber=map(self.sight.account, ledger.found.accounts.spellings(node)),
            bankName=[bank],
            description=[layers_named(self.language, layers)] if layers else [],
        )
        unnamed = text(self.language, "flow.graph.unnamed", account=shown)
        name = self.sight.holder(ledger.name(node)) or unnamed
        holder = self.entities.add(f"holder-{key}", "LegalEntity", name=[name])
        self.entities.add(f"ownership-{key}", "Ownership", owner=[holder], asset=[mine])
        return holder, (mine,)

    def _proof(self, hop: TracedHop) -> str:
        proofs = [f"{place.sha256[:16]}-{place.row}" for place in hop.evidence[:1]]
        return "-".join([*proofs, self.opaque(hop.payer or hop.payee), str(hop.amount_fen)])

    def _part(self, hop: TracedHop) -> str:
        became = text(self.language, f"words.became.{hop.became}")
        return text(self.language, "flow.graph.part", start=hop.start, yuan=yuan_text(hop.fen), became=became)

    def _cited(self, place: Place) -> str:
        return f"{self.sight.file(place.source.path)}:{place.row}"


def flow_entities(dossier: Dossier, sight: Sight, language: Language, opaque: Opaque) -> Iterator[str]:
    """A traced case as lines of JSON, each an entity; ids are the same in every export of this instance."""
    nodes = {number: node for node, number in enumerate(dossier.traced.ledger.found.accounts.primary)}
    maker = _Maker(dossier=dossier, sight=sight, language=language, opaque=opaque, nodes=nodes)
    maker.about()
    for file in dossier.files:
        maker.document(file)
    for hop in dossier.traced.hops():
        maker.payment(hop)
    return maker.entities.lines()


def _file(sha256: str) -> str:
    return f"file-{sha256[:40]}"


def _date(at: datetime) -> str:
    """The instant as FollowTheMoney keeps it: UTC, without an offset."""
    return utc(at).strftime("%Y-%m-%dT%H:%M:%S")
