"""What is urgent waits for one batch of other work at most."""

from __future__ import annotations

from fanzha.apps.worker.run import Lane


def test_urgent_work_goes_first_and_again_after_each_batch_of_other_work() -> None:
    done: list[str] = []

    def do(kind: str) -> int:
        done.append(kind)
        return 1

    lane = Lane(kinds=("mail", "report", "chase"), do=do, urgent=("report",))
    assert lane.round(["mail", "chase", "report"]) == len(done)
    assert done == ["report", "mail", "report", "chase", "report"]
