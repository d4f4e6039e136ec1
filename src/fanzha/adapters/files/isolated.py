"""Old XLS books are read in a process of their own: a damaged one can make its parser take all memory and abort."""

from __future__ import annotations

import json
import resource
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import suppress
from dataclasses import asdict
from pathlib import Path
from subprocess import PIPE
from typing import IO, Any, cast

from fanzha.adapters.files.contents import Kind
from fanzha.adapters.files.faults import Fault, Report
from fanzha.adapters.files.limits import GIB, ReadLimits
from fanzha.adapters.files.packages import Leaf
from fanzha.adapters.files.workbooks import read_workbook
from fanzha.kernel.errors import Invalid
from fanzha.records.statements.sheet import RowBatch, Sheet

_MEMORY_BYTES = GIB
_MEMORY_PER_BYTE = 30
"""Address space of the process, and more for each byte of the file: a sheet's rectangle is at most half a gigabyte."""
_CPU_SECONDS = 120
"""Time of the process; the largest book takes less than thirty seconds."""

_Message = dict[str, Any]


def read_isolated(leaf: Leaf, limits: ReadLimits, report: Report) -> Iterator[Sheet]:
    """The sheets of a workbook, as `read_workbook` gives them; a parser that dies is a corrupted file."""
    place = leaf.path_in_package
    task = {"file": str(leaf.file), "place": place, "sha256": leaf.sha256, "limits": asdict(limits)}
    command = [sys.executable, "-m", __name__]
    with subprocess.Popen(command, stdin=PIPE, stdout=PIPE, stderr=subprocess.DEVNULL) as child:  # noqa: S603  (ourselves)
        try:
            _hand_over(task, cast(IO[bytes], child.stdin))
            yield from _sheets(_messages(cast(IO[bytes], child.stdout)), leaf, report)
            child.wait()
        finally:
            child.kill()
    if child.returncode != 0:
        raise Invalid("files.corrupted", place=place)


def _hand_over(task: Mapping[str, object], stdin: IO[bytes]) -> None:
    """Tell the process what to read: not by arguments, which other users see, because file names tell of people."""
    with suppress(BrokenPipeError), stdin:
        stdin.write(json.dumps(task).encode())


def _messages(stream: IO[bytes]) -> Iterator[_Message]:
    for line in stream:
        if line.endswith(b"\n"):
            yield json.loads(line)


def _sheets(messages: Iterator[_Message], leaf: Leaf, report: Report) -> Iterator[Sheet]:
    for message in messages:
        if "sheet" in message:
            batches = _batches(messages)
            yield Sheet(path=message["sheet"], sha256=leaf.sha256, encoding=str(leaf.kind), batches=batches)
            for _ in batches:  # what the caller did not read stands before the next sheet
                continue
        elif "fault" in message:
            report(Fault(**message["fault"]))


def _batches(messages: Iterator[_Message]) -> Iterator[RowBatch]:
    for message in messages:
        if "rows" not in message:
            return
        faults = [(number, code) for number, code in message["faults"]]
        yield RowBatch(rows=message["rows"], numbers=message["numbers"], faults=faults)


def _tell(**message: object) -> None:
    sys.stdout.write(json.dumps(message) + "\n")


def _serve(task: dict[str, Any]) -> None:
    """Read the book and tell sheets, rows and faults, one JSON object a line."""
    file = Path(task["file"])
    memory = _MEMORY_BYTES + _MEMORY_PER_BYTE * file.stat().st_size
    resource.setrlimit(resource.RLIMIT_AS, (memory, memory))
    resource.setrlimit(resource.RLIMIT_CPU, (_CPU_SECONDS, _CPU_SECONDS))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    leaf = Leaf(
        path_in_package=task["place"],
        sha256=task["sha256"],
        size=file.stat().st_size,
        kind=Kind.XLS,
        file=file,
        alone=False,
    )

    def report(fault: Fault) -> None:
        _tell(fault=asdict(fault))

    try:
        for sheet in read_workbook(leaf, ReadLimits(**task["limits"]), report):
            _tell(sheet=sheet.path)
            for batch in sheet.batches:
                _tell(rows=list(batch.rows), numbers=batch.numbers, faults=batch.faults)
            _tell(end=sheet.path)
    except Invalid as error:
        report(Fault.of(error))


if __name__ == "__main__":
    _serve(json.load(sys.stdin))
