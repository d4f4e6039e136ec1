"""Whoever has the pen writes for all who wait; what fails is everybody's own again."""

from __future__ import annotations

import threading
import time
from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from fanzha.wiring.pens import Pen

PATIENCE_SECONDS = 60.0


@dataclass(slots=True)
class Book:
    """Writes the first line when the test lets it, so that others come meanwhile."""

    lines: list[list[str]] = field(default_factory=list)
    began: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def write(self, some: Sequence[str]) -> list[str]:
        self.lines.append(list(some))
        if some == ["first"]:
            self.began.set()
            assert self.go_on.wait(PATIENCE_SECONDS)
        if "broken" in some:
            raise ValueError
        return [each for each in some if each == "busy"]


def written(many: Sequence[str]) -> tuple[Book, dict[str, bool]]:
    book = Book()
    pen = Pen(book.write)
    with ThreadPoolExecutor(1 + len(many)) as pool:
        first = pool.submit(pen.give, "first")
        assert book.began.wait(PATIENCE_SECONDS)
        others = {each: pool.submit(pen.give, each) for each in many}
        while len(pen._waiting) < len(many):
            threading.Event().wait(0.001)
        book.go_on.set()
        return book, {"first": first.result(), **{name: each.result() for name, each in others.items()}}


def test_what_comes_while_somebody_writes_is_written_at_once_and_once() -> None:
    book, told = written(["a", "b", "busy"])
    assert [sorted(each) for each in book.lines] == [["first"], ["a", "b", "busy"]]
    assert told == {"first": True, "a": True, "b": True, "busy": False}


def test_where_writing_together_fails_everybody_hears_that_nothing_is_written() -> None:
    book, told = written(["a", "broken"])
    assert told == {"first": True, "a": False, "broken": False}
    assert len(book.lines) == 2


def test_who_comes_soon_after_a_writing_waits_for_others_until_something_presses() -> None:
    book = Book()
    book.go_on.set()
    pen = Pen(book.write, apart_s=PATIENCE_SECONDS)
    assert pen.give("first")
    began = time.monotonic()
    with ThreadPoolExecutor(2) as pool:
        some = [pool.submit(pen.give, each) for each in ("a", "b")]
        while len(pen._waiting) < len(some) and book.lines == [["first"]]:
            threading.Event().wait(0.001)
        assert book.lines == [["first"]] and pen.give("urgent", presses=True)
        assert all(each.result() for each in some)
    assert [sorted(each) for each in book.lines] == [["first"], ["a", "b", "urgent"]]
    assert time.monotonic() - began < PATIENCE_SECONDS / 2


def test_who_waits_for_others_is_written_though_nobody_comes() -> None:
    book = Book()
    book.go_on.set()
    pen = Pen(book.write, apart_s=0.01)
    assert pen.give("first") and pen.give("a")
    assert book.lines == [["first"], ["a"]]
