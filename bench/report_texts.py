"""Public texts as the data of `fanzha evaluate reports`: `python -m bench.report_texts $FANZHA_DATA OUT`.

Writes `narratives.jsonl` (`telecom-fraud-texts-8`, to whose words nobody tuned), `ordinary.jsonl` (class 0 of
`telecom-fraud-texts-5`) and `dialogues.jsonl` (`teleantifraud-dialogues`). They tell the type of a text and nothing of
its payments. Every eighth text of each file is taken. Class 2 is loans and credit repair, class 6 dating and
investment: here they count as the first and the second of each.
"""

from __future__ import annotations

import csv
import io
import json
import subprocess
import sys
from collections.abc import Iterable, Iterator
from pathlib import Path

TYPES = {"1": "ST05", "2": "ST03", "3": "ST04", "4": "ST06", "5": "ST01", "6": "ST02", "7": "ST09"}
DIALOGUES = {"投资诈骗": "ST02", "客服诈骗": "ST04", "彩票诈骗": "ST14", "钓鱼诈骗": "ST14"}
TOLD_AT = "2026-11-22T14:30:00+08:00"
EVERY = 8


def plain(path: Path) -> str:
    """A file unpacked, whatever encoding it came in."""
    raw = subprocess.run(["zstd", "-dc", str(path)], capture_output=True, check=True).stdout
    try:
        return raw.decode("utf-8-sig")
    except UnicodeDecodeError:
        return raw.decode("gb18030", "replace")


def rows(path: Path) -> Iterator[str]:
    """Every eighth text of a class."""
    table = csv.DictReader(io.StringIO(plain(path)))
    yield from (row["content"] for place, row in enumerate(table) if place % EVERY == 0 and row["content"])


def classes(data: Path) -> Iterator[tuple[str, str]]:
    """Texts rewritten from police cases, with their types."""
    for number, code in TYPES.items():
        yield from ((text, code) for text in rows(data / f"telecom-fraud-texts-8/label{number}-new1030.csv.zst"))


def ordinary(data: Path) -> Iterator[tuple[str, str]]:
    """Ordinary messages, of no type."""
    yield from ((text, "") for text in rows(data / "telecom-fraud-texts-5/label00-last.csv.zst"))


def dialogues(data: Path) -> Iterator[tuple[str, str]]:
    """Calls of the four types that the taxonomy has, and ordinary ones."""
    for path in sorted((data / "teleantifraud-dialogues").glob("*.zst")):
        for place, line in enumerate(plain(path).splitlines()):
            told = json.loads(line)
            code = "" if path.name.startswith("normal") else DIALOGUES.get(told["fraud_type"])
            if place % EVERY == 0 and code is not None:
                yield (
                    "\n".join(each for pair in zip(told["left"], [*told["right"], ""], strict=False) for each in pair),
                    code,
                )


def write(path: Path, texts: Iterable[tuple[str, str]]) -> None:
    """One line a text, as `docs/schemas/report_line.json` says."""
    lines = ({"narrative": text, "told_at": TOLD_AT, "scam_type": code} for text, code in texts)
    path.write_text("".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines), "utf-8")


if __name__ == "__main__":
    source, target = map(Path, sys.argv[1:])
    target.mkdir(parents=True, exist_ok=True)
    for name, read in (("narratives", classes), ("ordinary", ordinary), ("dialogues", dialogues)):
        write(target / f"{name}.jsonl", read(source))
