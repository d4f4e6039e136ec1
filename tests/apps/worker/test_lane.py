"""What is urgent waits for one batch of other work at most."""

from __future__ import annotations

from collections import Counter

from fanzha.apps.worker.run import Lane


def test_urgent_work_goes_first_and_again_after_each_batch_of_other_work() -> None:
    done: list[str] = []

    def do(kind: str) -> int:
        done.append(kind)
        return 1

    lane = Lane(kinds=("mail", "report", "chase"), do=do, urgent=("report",))
    assert lane.round(["mail", "chase"]) == len(done)
    assert done == ["mail", "report", "chase", "report"]


def test_no_other_work_begins_while_something_urgent_is_due() -> None:
    due = Counter({"report": 2, "mail": 1, "chase": 3})
    done: list[str] = []

    def do(kind: str) -> int:
        if not due[kind]:
            return 0
        due[kind] -= 1
        done.append(kind)
        return 1

    lane = Lane(kinds=("chase", "mail", "report"), do=do, urgent=("report", "mail"))
    while left := [each for each in lane.kinds if due[each]]:
        lane.round(left)
    assert done == ["report", "mail", "report", "chase", "chase", "chase"]
