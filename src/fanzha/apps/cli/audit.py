"""`fanzha audit …`: prove that nobody changed what was recorded."""

from __future__ import annotations

import re
import sys
from io import TextIOWrapper
from typing import Annotated

import typer

from fanzha.adapters.store.audit import Act, record
from fanzha.adapters.store.audit_check import Head, Proof, verify_audit
from fanzha.adapters.store.audit_export import export_audit, verify_export
from fanzha.adapters.store.keys import add_audit_key
from fanzha.adapters.store.sealing import seal_audit
from fanzha.apps.cli.commands import argument, command, noun, option
from fanzha.apps.cli.failures import DOES_NOT_HOLD
from fanzha.apps.cli.language import chosen, say
from fanzha.apps.cli.opening import opened_house
from fanzha.apps.cli.output import Format, give_one, readable, writable
from fanzha.i18n import text
from fanzha.kernel.errors import Invalid
from fanzha.wiring.house import CENTRE, operator

app = noun("audit")


@command(app, "audit.verify")
def verify(
    file: Annotated[str, argument("audit.verify.file", metavar="FILE")] = "",
    known: Annotated[str, option("audit.verify.known", "--known-head", metavar="NUMBER:LINK")] = "",
    form: Annotated[Format, option("format.help", "--format")] = Format.TABLE,
) -> None:
    """Walk the chain from its first link, in the database or in an exported file; ends with 8 when one is broken."""
    head = parsed_head(known) if known else None
    if file:
        with readable(file) as source:
            proof = verify_export(TextIOWrapper(source, "utf-8"), known=head)
    else:
        with opened_house() as house:
            seal_audit(house.engine, house.keys, house.wall.now())
            with house.act_as_house() as connection:
                proof = verify_audit(connection, house.keys.audit_public_keys(), head)
    give_one(told(proof), form)
    if proof.first_break is not None:
        sys.stderr.write(text(chosen(), f"errors.audit.{proof.first_break.why}", **told_break(proof)) + "\n")
        raise typer.Exit(DOES_NOT_HOLD)
    sys.stderr.write(say("audit.verify.holds", entries=proof.entries, seals=proof.seals) + "\n")


@command(app, "audit.export")
def export(to: Annotated[str, argument("audit.export.to", metavar="FILE")] = "-") -> None:
    """Write the sealed chain as JSON lines, to be kept and proven elsewhere."""
    with opened_house() as house, writable(to) as target:
        seal_audit(house.engine, house.keys, house.wall.now())
        words = TextIOWrapper(target, "utf-8", write_through=True)
        with house.act_as_house() as connection:
            written = export_audit(connection, house.keys.audit_public_keys(), words)
        words.detach()
    sys.stderr.write(say("audit.export.done", entries=written) + "\n")


@command(app, "audit.renew_key")
def renew_key() -> None:
    """Make a new key, with which seals are signed from now on; those made before keep theirs."""
    with opened_house() as house:
        add_audit_key(house.settings.keys, house.wall.now())
        place = str(house.instance.id)
        act = Act(action="audit.key_renewed", object_kind="instance", object_id=place, unit_path=CENTRE)
        with house.act(operator()) as connection:
            record(connection, act, operator(), house.now())
    sys.stderr.write(say("audit.renew_key.done") + "\n")


def parsed_head(words: str) -> Head:
    """A head as it was noted from an earlier proof."""
    found = re.fullmatch(r"([1-9][0-9]{0,17}):([0-9a-f]{64})", words)
    if found is None:
        raise Invalid("cli.bad_head")
    return Head(number=int(found[1]), link=found[2])


def told(proof: Proof) -> dict[str, object]:
    """A proof as it is shown; the head is worth noting where nobody of this machine can change it."""
    return {
        "holds": proof.holds,
        "seals": proof.seals,
        "entries": proof.entries,
        "head": f"{proof.head.number}:{proof.head.link}" if proof.head else None,
        "first_break": told_break(proof) or None,
        "unsealed": proof.unsealed,
        "unsealed_since": proof.unsealed_since,
    }


def told_break(proof: Proof) -> dict[str, object]:
    """Where the chain breaks first: seal, place in it and entry, as far as they are known."""
    broken = proof.first_break
    if broken is None:
        return {}
    return {"why": broken.why, "seal": broken.seal, "position": broken.position, "entry": broken.entry_id}
