"""Which identifiers are one account: cards, account numbers, wallets, and masks that fit exactly one of them."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from operator import itemgetter

import numpy as np
from numpy.typing import NDArray

from fanzha.records.statements.rows import ABSENT, Coded, StatementRows
from fanzha.tracing.movements.masks import HIDDEN, CompleteIdentifiers, Sureness, is_partial
from fanzha.tracing.movements.movements import UNKNOWN_NODE, WALLET_MARK, AccountJoin, AccountKind, Accounts
from fanzha.tracing.movements.runs import changed_pairs

CARD_DIGITS = range(16, 20)
NO_MASKS: Mapping[tuple[str, str], str] = {}
MOST_FITS = 64
"""Accounts that one unresolved mask is remembered to fit; of more only those with a statement."""


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Fits:
    """The accounts that unresolved masks could be: `nodes[start[node]:start[node + 1]]`; `wide` fit too many.

    `vague`: bool[accounts + 1], `partial` and, as the last, the party that nobody names.
    """

    start: NDArray[np.int64]
    nodes: NDArray[np.int32]
    partial: NDArray[np.bool_]
    wide: NDArray[np.bool_]
    vague: NDArray[np.bool_]


@dataclass(frozen=True, slots=True, kw_only=True, eq=False)
class Parties:
    """Who the rows speak of: nodes of both parties, the sub-account told, and names as codes of one table.

    `own`, `other`: int32[n] nodes; `book`: int32[n], which of several accounts under one card a row belongs to;
    `own_name`, `other_name`: int32[n], `ABSENT` where untold or masked.
    """

    accounts: Accounts
    fits: Fits
    own: NDArray[np.int32]
    other: NDArray[np.int32]
    book: NDArray[np.int32]
    own_name: NDArray[np.int32]
    other_name: NDArray[np.int32]


@dataclass(slots=True)
class _Register:
    """Distinct texts as numbers; `ABSENT` for none."""

    numbers: dict[str, int] = field(default_factory=dict)
    texts: list[str] = field(default_factory=list)

    def enter(self, texts: Iterable[str]) -> list[int]:
        """The texts' numbers, new ones for new texts."""
        numbers = self.numbers
        found = [numbers.setdefault(text, len(numbers)) if text else ABSENT for text in texts]
        self.texts = list(numbers)
        return found

    def column(self, coded: Coded) -> NDArray[np.int32]:
        """The column in this register's numbers."""
        return np.array([*self.enter(coded.values), ABSENT], np.int32)[coded.codes]


def resolve(
    rows: StatementRows, joins: Sequence[AccountJoin], masks: Mapping[tuple[str, str], str] = NO_MASKS
) -> Parties:
    """Give every party of every row an account; the result does not depend on the order of rows or joins.

    `masks`: for a masked number and the name beside it the complete one that it is known to stand for.
    """
    ids, names = _Register(), _Register()
    card, account = ids.column(rows.own_card), ids.column(rows.own_account)
    other = ids.column(rows.other)
    own_name, other_name = names.column(rows.own_name), names.column(rows.other_name)
    ids.enter(text for join in joins for text in (join.a, join.b))
    names.enter(join.name for join in joins)
    partial = np.array([*(is_partial(text) for text in ids.texts), False], np.bool_)
    own = _own_identifier(card, account, partial)
    root = _united(ids, partial, _distinct(card, account), joins)
    speakers = np.flatnonzero(rows.side != 0)
    book_keepers = _distinct(own[speakers], own_name[speakers])
    named = np.concatenate([_distinct(own, own_name), _distinct(other, other_name)])
    groups = _Groups.of(ids, names, root, partial, named)
    groups.name_joined(joins)
    groups.unmask(masks)
    own_node, other_node = groups.number((own, own_name), (other, other_name))
    accounts, fits = groups.described(set(_distinct(card, card)[:, 0].tolist()), book_keepers)
    masked_name = np.array([*(HIDDEN in text for text in names.texts), False], np.bool_)
    return Parties(
        accounts=accounts,
        fits=fits,
        own=own_node,
        other=other_node,
        book=books_of(rows.own_account),
        own_name=np.where(masked_name[own_name], ABSENT, own_name).astype(np.int32),
        other_name=np.where(masked_name[other_name], ABSENT, other_name).astype(np.int32),
    )


def books_of(own_account: Coded) -> NDArray[np.int32]:
    """The complete account number of each row as its rank among all, `ABSENT` where masked or untold."""
    ranks = {text: rank for rank, text in enumerate(sorted(set(own_account.values)))}
    codes = [ABSENT if not text or is_partial(text) else ranks[text] for text in own_account.values]
    return np.array([*codes, ABSENT], np.int32)[own_account.codes]


def _own_identifier(
    card: NDArray[np.int32], account: NDArray[np.int32], partial: NDArray[np.bool_]
) -> NDArray[np.int32]:
    """The identifier to go by: the card unless only the account number is complete or told."""
    use_account = (account != ABSENT) & ((card == ABSENT) | (partial[card] & ~partial[account]))
    return np.where(use_account, account, card).astype(np.int32)


def _distinct(a: NDArray[np.int32], b: NDArray[np.int32]) -> NDArray[np.int64]:
    """Distinct pairs of two columns where the first is told: int64[k, 2]."""
    changes = changed_pairs(a, b, int(a.max(initial=ABSENT)) + 1)
    joined = np.unique(a[changes].astype(np.int64) << 32 | (b[changes].astype(np.int64) + 1))
    pairs = np.empty((len(joined), 2), np.int64)
    pairs[:, 0], pairs[:, 1] = joined >> 32, (joined & 0xFFFFFFFF) - 1
    return pairs


def _united(
    ids: _Register, partial: NDArray[np.bool_], pairs: NDArray[np.int64], joins: Iterable[AccountJoin]
) -> list[int]:
    """For every identifier the one that stands for its account (union-find over complete identifiers)."""
    root = list(range(len(ids.texts)))

    def find(at: int) -> int:
        while root[at] != at:
            root[at] = at = root[root[at]]
        return at

    told = [(ids.numbers[join.a], ids.numbers[join.b]) for join in joins]
    for a, b in [*told, *((int(a), int(b)) for a, b in pairs.tolist() if b != ABSENT)]:
        if not partial[a] and not partial[b]:
            root[find(a)] = find(b)
    return [find(at) for at in range(len(root))]


Mask = tuple[int, int]
"""A partial identifier beside the name it came with (`ABSENT` where untold): two names are two masks."""


@dataclass(frozen=True, slots=True)
class _Meaning:
    """What a mask could be: the one root it `is`, or candidates; `None` where it fits too many to tell."""

    candidates: list[int] | None = None
    is_root: int | None = None


@dataclass(slots=True, kw_only=True)
class _Groups:
    """Accounts while they are put together: identifiers and names by root; masks by (identifier, name)."""

    ids: _Register
    names: _Register
    root: list[int]
    partial: NDArray[np.bool_]
    members: dict[int, list[int]]
    known_names: dict[int, set[int]]
    masks: dict[Mask, _Meaning]
    hidden_names: frozenset[int]
    node_of_root: dict[int, int] = field(default_factory=dict)
    node_of_mask: dict[Mask, int] = field(default_factory=dict)

    @staticmethod
    def of(
        ids: _Register, names: _Register, root: list[int], partial: NDArray[np.bool_], named: NDArray[np.int64]
    ) -> _Groups:
        """Sort identifiers, names and masks into groups, and find what each mask could be."""
        members: dict[int, list[int]] = defaultdict(list)
        known: dict[int, set[int]] = defaultdict(set)
        masks: dict[Mask, _Meaning] = {}
        for at, stands_for in enumerate(root):
            if not partial[at]:
                members[stands_for].append(at)
        for at, name in named.tolist():
            if partial[at]:
                masks[at, name] = _Meaning()
            elif name != ABSENT:
                known[root[at]].add(name)
        groups = _Groups(
            ids=ids,
            names=names,
            root=root,
            partial=partial,
            members=members,
            known_names=known,
            masks=masks,
            hidden_names=frozenset(at for at, text in enumerate(names.texts) if HIDDEN in text),
        )
        for some in members.values():
            if len(some) > 1:
                some.sort(key=lambda at: _preference(ids.texts[at]))
        groups._fit_masks()
        return groups

    def name_joined(self, joins: Iterable[AccountJoin]) -> None:
        """Add the names that joins tell."""
        for join in joins:
            for text in (join.a, join.b):
                if join.name and not is_partial(text):
                    self.known_names[self.root[self.ids.numbers[text]]].add(self.names.numbers[join.name])

    def unmask(self, known: Mapping[tuple[str, str], str]) -> None:
        """Let masks stand for what they are known to be."""
        for (mask, name), number in known.items():
            key = self.ids.numbers[mask], self.names.numbers[name] if name else ABSENT
            self.masks[key] = _Meaning(self.masks[key].candidates, self.root[self.ids.numbers[number]])

    def _fit_masks(self) -> None:
        """For every mask the roots it could be: one root where it is resolved."""
        if not self.masks:
            return
        texts = self.ids.texts
        complete = CompleteIdentifiers.of(text for at, text in enumerate(texts) if not self.partial[at])
        fitting: dict[int, list[int] | None] = {}
        for at in {at for at, _ in self.masks}:
            found = complete.fitting(texts[at])
            fitting[at] = None if found is None else sorted({self.root[self.ids.numbers[text]] for text in found})
        for at, name in self.masks:
            candidates = fitting[at]
            if candidates is not None:
                self.masks[at, name] = self._believed(candidates, name, complete.sureness(texts[at]))

    def _believed(self, candidates: list[int], name: int, sureness: Sureness) -> _Meaning:
        """The candidates whose names do not contradict, and the one that a name or enough digits single out."""
        could_be = [root for root in candidates if self._may_be_called(root, name)]
        same = [root for root in could_be if name != ABSENT and name in self.known_names.get(root, ())]
        if len(same) == 1 and sureness >= Sureness.BESIDE_A_NAME:
            return _Meaning(could_be, same[0])
        single = len(could_be) == 1 and (bool(same) or sureness == Sureness.ALONE)
        return _Meaning(could_be, could_be[0] if single else None)

    def _may_be_called(self, root: int, name: int) -> bool:
        known = self.known_names.get(root)
        if name == ABSENT or not known or name in known:
            return True
        if name not in self.hidden_names and self.hidden_names.isdisjoint(known):
            return False  # two names in full, and not the same
        return any(_names_agree(self.names.texts[name], self.names.texts[other]) for other in known)

    def number(self, *parties: tuple[NDArray[np.int32], NDArray[np.int32]]) -> tuple[NDArray[np.int32], ...]:
        """Number the accounts by primary identifier, and give each party column its nodes."""
        unresolved = [mask for mask, meaning in self.masks.items() if meaning.is_root is None]
        keyed: list[tuple[str, str, int, Mask | None]] = [
            (self._primary(root), "", root, None) for root in self.members
        ]
        for at, name in unresolved:
            keyed.append((self.ids.texts[at], self.names.texts[name] if name != ABSENT else "", at, (at, name)))
        for node, (_, _, root, mask) in enumerate(sorted(keyed, key=itemgetter(0, 1))):
            if mask is None:
                self.node_of_root[root] = node
            else:
                self.node_of_mask[mask] = node
        return tuple(self._nodes(at, name) for at, name in parties)

    def _nodes(self, at: NDArray[np.int32], name: NDArray[np.int32]) -> NDArray[np.int32]:
        plain = [self.node_of_root.get(root, UNKNOWN_NODE) for root in self.root]
        nodes = np.array([*plain, UNKNOWN_NODE], np.int32)[at]
        masked = np.flatnonzero(self.partial[at])
        if len(masked):
            keys, inverse = np.unique(np.stack([at[masked], name[masked]], axis=1), axis=0, return_inverse=True)
            nodes[masked] = np.array([self.node_of((a, b)) for a, b in keys.tolist()], np.int32)[inverse.reshape(-1)]
        return nodes

    def node_of(self, mask: Mask) -> int:
        """The node of a mask: the account it is, or its own."""
        root = self.masks[mask].is_root
        return self.node_of_mask[mask] if root is None else self.node_of_root[root]

    def _primary(self, root: int) -> str:
        return self.ids.texts[self.members[root][0]]

    def described(self, cards: set[int], keepers: NDArray[np.int64]) -> tuple[Accounts, Fits]:
        """The numbered accounts as a table, and what unresolved masks could be."""
        count = len(self.node_of_root) + len(self.node_of_mask)
        primary = [""] * count
        identifiers: list[tuple[str, ...]] = [()] * count
        names: list[tuple[str, ...]] = [()] * count
        kind = np.zeros(count, np.uint8)
        has_statement = np.zeros(count, np.bool_)
        for root, node in self.node_of_root.items():
            primary[node] = self._primary(root)
            members, called = self.members[root], self.known_names.get(root, ())
            identifiers[node] = tuple([self.ids.texts[at] for at in members])
            names[node] = tuple(sorted([self.names.texts[name] for name in called]))
            kind[node] = _kind(primary[node], not cards.isdisjoint(members))
        for (at, name), node in self.node_of_mask.items():
            primary[node], kind[node] = self.ids.texts[at], AccountKind.PARTIAL
            identifiers[node] = (primary[node],)
            names[node] = (self.names.texts[name],) if name != ABSENT else ()
        for at, name in keepers.tolist():
            node = self.node_of((at, name)) if self.partial[at] else self.node_of_root[self.root[at]]
            has_statement[node] = True
        accounts = Accounts(
            primary=tuple(primary),
            identifiers=tuple(identifiers),
            names=tuple(names),
            kind=kind,
            has_statement=has_statement,
        )
        return accounts, self._fits(has_statement)

    def _fits(self, has_statement: NDArray[np.bool_]) -> Fits:
        count = len(has_statement)
        fits: dict[int, list[int]] = {}
        partial, wide = np.zeros(count, np.bool_), np.zeros(count, np.bool_)
        for mask, node in self.node_of_mask.items():
            candidates = self.masks[mask].candidates
            nodes = [] if candidates is None else sorted({self.node_of_root[root] for root in candidates})
            kept = nodes if len(nodes) <= MOST_FITS else [at for at in nodes if has_statement[at]]
            partial[node], wide[node], fits[node] = True, candidates is None or len(kept) < len(nodes), kept
        start = np.zeros(count + 1, np.int64)
        for node, some in fits.items():
            start[node + 1] = len(some)
        np.cumsum(start, out=start)
        flat = np.array([at for node in sorted(fits) for at in fits[node]], np.int32)
        return Fits(start=start, nodes=flat, partial=partial, wide=wide, vague=np.append(partial, True))


def _preference(text: str) -> tuple[int, str]:
    return int(_kind(text, False)), text


def _kind(text: str, told_as_card: bool) -> AccountKind:
    if is_partial(text):
        return AccountKind.PARTIAL
    if WALLET_MARK in text:
        return AccountKind.WALLET
    looks = text.isdigit() and len(text) in CARD_DIGITS and text[0] in "3456789"
    return AccountKind.CARD if looks or (told_as_card and text.isdigit()) else AccountKind.ACCOUNT


def _names_agree(a: str, b: str) -> bool:
    """Whether two names could be one person's, stars standing for what is hidden."""
    for masked, shown in ((a, b), (b, a)):
        if HIDDEN in masked:
            head, _, rest = masked.partition(HIDDEN)
            return shown.startswith(head) and shown.endswith(rest.rpartition(HIDDEN)[2])
    return a == b
