"""A number, a site and an app are blocked on kept evidence, for a term, and let go when the block was wrong."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import timedelta

import pytest

from fanzha.adapters.store.institutions import enter_profile
from fanzha.apps.stepped import SteppedRun
from fanzha.cases.case import Case
from fanzha.kernel.clock import SetClock
from fanzha.kernel.errors import Illegal, Invalid, NotFound
from fanzha.kernel.identifiers import phone, url
from fanzha.orders.effects import Act, Effect, OrderKind
from fanzha.orders.objections import Channel, ObjectionState
from fanzha.orders.order import Order, Paper, TargetKind, Terms
from fanzha.orders.standing import Waits, waits_for
from fanzha.protocol.keys import PublicKey
from fanzha.registers.institutions import Institution, InstitutionKind
from fanzha.simulation.institutions.accounts import Opening
from fanzha.simulation.institutions.setup import Setup, profile_of
from fanzha.simulation.institutions.stepped import SteppedInstitutions
from fanzha.simulation.institutions.truth import Deed, effects_of, twice
from fanzha.wiring.desk import Desk
from fanzha.wiring.house import House
from fanzha.wiring.kept_files import keep_snapshot, take_evidence
from fanzha.wiring.objections import NewObjection, take_objection, uphold_objection
from fanzha.wiring.order_papers import take_paper
from fanzha.wiring.orders import NewInstruction, instruct, sign
from tests.adapters.documents.pdf_text import pages
from tests.conftest import CITY, OTHER_COUNTY, person
from tests.simulation.making import CARRIER, RESOLVER, UNTROUBLED, opening, setup
from tests.wiring.orders import Staffed, staffed

STORE = "999900000006"
SEEN = "来电自称平台客服,要求共享屏幕并转账".encode()
NUMBER, SITE, APP = "12012345678", "hxxps://Pay[.]Bad.example/", "com.bad.example"
AT = {
    TargetKind.PHONE: (CARRIER, InstitutionKind.CARRIER, "+86 120-1234-5678"),
    TargetKind.SITE: (RESOLVER, InstitutionKind.RESOLVER, SITE),
    TargetKind.APP: (STORE, InstitutionKind.STORE, APP),
}


@dataclass(frozen=True, slots=True)
class Play:
    """People at a desk, and the carrier, resolver and store on the other side."""

    desk: Staffed
    run: SteppedRun
    evidence: str

    def drafted(self, kind: TargetKind, number: str = "", **more: object) -> Order:
        code, _, usual = AT[kind]
        told: dict[str, object] = {
            "institution": code,
            "target_kind": kind,
            "number": number or usual,
            "holder": "",
            "holder_class": "",
            "terms": Terms(days=30, evidence=self.evidence),
            "payment": None,
        }
        return self.desk.opened(OrderKind.BLOCK, **(told | more))

    def blocked(self, kind: TargetKind) -> Order:
        order = self.desk.signed(self.drafted(kind))
        self.run.until(self.run.clock.now() + timedelta(minutes=10))
        return self.desk.seen(order)

    def truth(self, order: Order) -> list[tuple[Deed, str]]:
        ids = {str(each.id) for each in order.instructions}
        told = (each for each in self.run.world.truth if each.application_id in ids)
        return [(each.deed, each.number) for each in told]


@pytest.fixture
def play(house: House, clock: SetClock, case: Case) -> Iterator[Play]:
    desk = staffed(house, clock, case)
    city = person(CITY, 90)
    setups = [setup(code, kind) for code, kind, _ in AT.values()]
    with house.act(city) as connection:
        for each in setups:
            enter_profile(connection, registered(each, clock), city, "test", house.now(), unit=CITY)
    world = SteppedInstitutions(setups, UNTROUBLED, 3, clock)
    world.open({CARRIER: [line(clock)]})
    evidence = keep_snapshot(house, desk.drafter, case.ref, SEEN)
    yield Play(desk, SteppedRun(house, world, clock), evidence)


def registered(each: Setup, clock: SetClock) -> Institution:
    key = PublicKey(key_id=f"{each.id}-1", public=bytes(32), since=clock.now() - timedelta(days=9))
    return profile_of(each, "http://127.0.0.1:9/", key)


def line(clock: SetClock) -> Opening:
    return replace(opening(NUMBER, name="测试·丁"), opened_at=clock.now() - timedelta(days=9))


@pytest.mark.parametrize("kind", [TargetKind.PHONE, TargetKind.SITE, TargetKind.APP])
def test_what_is_blocked_is_cut_off_until_its_term_ends(play: Play, kind: TargetKind) -> None:
    order = play.blocked(kind)
    assert (order.effect, order.instructions[-1].paper) == (Effect.BLOCKED, Paper.SIGNED)
    assert order.ends_at is not None and order.ends_at - play.run.clock.now() > timedelta(days=29)
    told = {TargetKind.PHONE: NUMBER, TargetKind.SITE: "pay.bad.example", TargetKind.APP: APP}[kind]
    assert play.truth(order) == [(Deed.BLOCKED, told)], "told as the institution knows it"
    play.run.until(order.ends_at - timedelta(hours=23))
    assert waits_for(play.desk.seen(order)) is Waits.PERSON, "somebody is called before it ends"
    play.run.until(order.ends_at + timedelta(hours=1))
    assert play.desk.seen(order).effect is Effect.LAPSED
    assert [deed for deed, _ in play.truth(order)] == [Deed.BLOCKED, Deed.ENDED]


def test_a_block_is_lifted_by_two_people(play: Play) -> None:
    order = play.blocked(TargetKind.SITE)
    lift = NewInstruction(act=Act.LIFT, terms=Terms(), reason="网站已整改")
    play.desk.signed(play.desk.at(play.desk.drafter, lambda desk: instruct(desk, order.id, lift)))
    play.run.until(play.run.clock.now() + timedelta(minutes=10))
    assert play.desk.seen(order).effect is Effect.LIFTED
    last = str(play.desk.seen(order).instructions[-1].id)
    assert [each.deed for each in effects_of(play.run.world.truth, last)] == [Deed.UNBLOCKED]
    play.run.until(play.run.clock.now() + timedelta(days=40))
    assert play.desk.seen(order).effect is Effect.LIFTED and twice(play.run.world.truth) == []


def test_whoever_appeals_and_is_right_is_reached_again(play: Play) -> None:
    order = play.blocked(TargetKind.PHONE)
    desk, house = play.desk, play.desk.house
    with house.act(desk.drafter) as connection:
        at = Desk(house=house, connection=connection, actor=desk.drafter)
        says = NewObjection(channel=Channel.TELEPHONE, says="号码是本人在用,被他人改号冒用")
        told = take_objection(at, order.number, says)
    play.run.until(told.alarm_at + timedelta(minutes=1))
    assert "alarm.objection_alarm" in desk.seen(order).unseen, "an appeal rings here as it does in a live house"
    with house.act(desk.drafter) as connection:
        at = Desk(house=house, connection=connection, actor=desk.drafter)
        upheld, paper = uphold_objection(at, told.number, "经查系改号冒用")
    assert upheld.state is ObjectionState.UPHELD and "经查系改号冒用" in "".join(pages(paper.pdf))
    lift = desk.seen(order).instructions[-1]
    assert (lift.act, lift.paper) == (Act.LIFT, Paper.DRAFT)

    desk.at(desk.second, lambda at: sign(at, order.id, lift.id))
    play.run.until(play.run.clock.now() + timedelta(minutes=10))
    assert desk.seen(order).effect is Effect.LIFTED
    assert [deed for deed, _ in play.truth(desk.seen(order))] == [Deed.BLOCKED, Deed.UNBLOCKED]


def test_nothing_is_blocked_without_evidence_that_lies_with_the_case(play: Play) -> None:
    for evidence in ("", "0" * 64):
        with pytest.raises(Illegal, match=r"orders\.evidence_missing"):
            play.drafted(TargetKind.PHONE, terms=Terms(days=30, evidence=evidence))
    assert play.run.world.truth == []


def test_the_evidence_is_on_the_paper_and_seen_for_a_purpose(play: Play) -> None:
    order = play.blocked(TargetKind.PHONE)
    desk = play.desk
    paper = take_paper(desk.house, desk.drafter, order.number, order.instructions[0].id, "evidence")
    assert play.evidence in "".join("".join(pages(paper.pdf)).split())
    file, body = take_evidence(desk.house, desk.drafter, order.number, "evidence")
    assert (body, file.media_type) == (SEEN, "text/plain")
    with pytest.raises(Invalid):
        take_evidence(desk.house, desk.drafter, order.number, "curiosity")
    with pytest.raises(NotFound):
        take_evidence(desk.house, person(OTHER_COUNTY, 7), order.number, "evidence")


@pytest.mark.parametrize(
    ("kind", "number", "why"),
    [
        (TargetKind.PHONE, "110", "spared_emergency"),
        (TargetKind.PHONE, " 961 10", "spared_anti_fraud"),
        (TargetKind.PHONE, "95588", "spared_bank"),
        (TargetKind.SITE, "www.mps.gov.cn", "spared_government"),
        (TargetKind.SITE, "com.cn", "public_suffix"),
        (TargetKind.SITE, "weibo.com", "shared_host"),
        (TargetKind.SITE, "bad.example/kefu", "page_not_host"),
        (TargetKind.APP, "com.tencent.mm", "spared_platform"),
    ],
)
def test_what_everybody_depends_on_is_refused_before_anybody_signs(
    play: Play, kind: TargetKind, number: str, why: str
) -> None:
    with pytest.raises((Illegal, Invalid), match=rf"orders\.{why}"):
        play.drafted(kind, number)
    assert phone.clean("+86 120-1234-5678") == NUMBER and url.host(url.clean(SITE)) == "pay.bad.example"
