"""The parts of documents that are made of data; `python -m tests.docs.generated` writes them anew."""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from itertools import chain
from pathlib import Path
from typing import Any

from fanzha.i18n import LANGUAGES, Language, catalogue
from fanzha.orders.law import cited
from fanzha.orders.law_lines import lines, told
from fanzha.rulebook import load_formats
from fanzha.simulation.parameters import published
from fanzha.wiring.law import live_law
from fanzha.wiring.typologies import live_typologies
from tests.docs.protocol import openapi_files, schema_files
from tests.docs.schemas import SCHEMAS, schema
from tests.tidy.source import ROOT

DECISIONS = ROOT / "docs/decisions"
PART = re.compile(r"(<!-- made: (\w+) -->\n).*?(<!-- end -->)", re.DOTALL)
TELLING = 5
"""Headers that a page shows of each format; the format's file has them all."""

HEADINGS: Mapping[str, Mapping[Language, str]] = {
    "formats": {
        "en": "| format | what it is | told by columns such as | meanings assumed |\n|---|---|---|---|",
        "zh": "| 格式 | 是什么 | 凭哪些列认出（举例） | 属于推定的列 |\n|---|---|---|---|",
    },
    "reasons": {"en": "| code | why the row is not accepted |\n|---|---|", "zh": "| 代码 | 为何不接受 |\n|---|---|"},
    "typologies": {
        "en": "| pattern | what it names | limits (version) | confidence |\n|---|---|---|---|",
        "zh": "| 特征 | 识别什么 | 数值（版本） | 把握 |\n|---|---|---|---|",
    },
    "law": {
        "en": "| entry | what it says | value | source | confidence |\n|---|---|---|---|---|",
        "zh": "| 项目 | 内容 | 数值 | 依据 | 把握 |\n|---|---|---|---|---|",
    },
    "simulation": {
        "en": "| parameter | what it says | value | unit | standing | source |\n|---|---|---|---|---|---|",
        "zh": "| 参数 | 含义 | 数值 | 单位 | 把握 | 出处 |\n|---|---|---|---|---|---|",
    },
    "schemas": {"en": "| file | what it describes | printed by |\n|---|---|---|"},
    "decisions": {"en": "| page | what was decided |\n|---|---|"},
}


STANDINGS: Mapping[str, Mapping[Language, str]] = {
    "known": {"en": "known", "zh": "已知"},
    "derived": {"en": "derived", "zh": "推算"},
    "assumed": {"en": "assumed", "zh": "假定"},
}


UNITS = {
    "share": "比例",
    "minutes": "分钟",
    "hours": "小时",
    "days": "天",
    "months": "个月",
    "count": "个",
    "fen": "分",
    "log-sd": "对数标准差",
    "Dirichlet": "狄利克雷",
}


def pages() -> Iterator[tuple[Path, Language]]:
    """The pages with such parts."""
    yield from ((ROOT / f"docs/formats.{language}.md", language) for language in LANGUAGES)
    yield from ((ROOT / f"docs/patterns.{language}.md", language) for language in LANGUAGES)
    yield from ((ROOT / f"docs/law.{language}.md", language) for language in LANGUAGES)
    yield from ((ROOT / f"docs/simulator.{language}.md", language) for language in LANGUAGES)
    yield SCHEMAS / "README.md", "en"
    yield DECISIONS / "README.md", "en"


def made(page: str, language: Language) -> str:
    """The page with each part as the data have it now."""
    rows = {
        "formats": _formats,
        "reasons": _reasons,
        "schemas": _schemas,
        "decisions": _decisions,
        "typologies": _typologies,
        "law": _law,
        "simulation": _simulation,
    }
    return PART.sub(
        lambda found: "\n".join([found[1] + HEADINGS[found[2]][language], *rows[found[2]](language), found[3]]), page
    )


def _formats(language: Language) -> Iterator[str]:
    for name, table in load_formats().items():
        if name != "words":
            assumed = [each["headers"][0] for each in _columns(table) if each["status"] == "assumed"]
            none = "—"
            yield (
                f"| `{name}` | {_title(table, language)} | {_listed(_telling(table), language)}"
                f" | {_listed(assumed, language) or none} |"
            )


def _title(table: Mapping[str, Any], language: Language) -> str:
    title: str = table["title"][language]
    return title


def _telling(table: Mapping[str, Any]) -> list[str]:
    """Headers that hardly any other format has; else the first spelling of each field that must be there."""
    firsts = {each["field"]: each["headers"][0] for each in reversed(_columns(table))}
    needed = [field for need in table["needs"] for field in need.split("|")]
    return table.get("telling") or [firsts[field] for field in needed if field in firsts]


def _columns(table: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    base = load_formats()[table["extends"]]["columns"] if "extends" in table else []
    own: list[Mapping[str, Any]] = [*table.get("columns", []), *(base if isinstance(base, list) else [])]
    return own


def _listed(headers: list[str], language: Language) -> str:
    more = "…" if len(headers) > TELLING else ""
    return ("、" if language == "zh" else ", ").join(f"`{header}`" for header in headers[:TELLING]) + more


def _reasons(language: Language) -> Iterator[str]:
    for key, sentence in catalogue(language).items():
        if key.startswith("reasons."):
            yield f"| `{key.removeprefix('reasons.')}` | {sentence} |"


def _typologies(language: Language) -> Iterator[str]:
    for each in live_typologies():
        limits = ", ".join(f"`{name}` {value:,}" for name, value in each.limits.items())
        told = f"{each.title[language]} (`{each.id}`) | {each.rule[language]} | {limits} ({each.version})"
        yield f"| {told} | {each.confidence} |"


def _simulation(language: Language) -> Iterator[str]:
    for each in published().known.values():
        values = each.value if isinstance(each.value, tuple) else (each.value,)
        told = " · ".join(f"{value:,}" for value in values)
        standing = STANDINGS[each.status][language]
        unit = UNITS[each.unit] if language == "zh" else each.unit
        yield f"| `{each.name}` | {each.says[language]} | {told} | {unit} | {standing} | {each.source} |"


def _law(language: Language) -> Iterator[str]:
    for each in lines(live_law()[-1]):
        source = each.source
        cells = (
            f"`{each.entry}`",
            each.says[language],
            told(language, each),
            cited(language, source),
            source.confidence,
        )
        yield f"| {' | '.join(cells)} |"


def _schemas(language: Language) -> Iterator[str]:
    for path in sorted(SCHEMAS.glob("*.json")):
        told = schema(path.stem)
        command = told["description"].replace("|", r"\|")
        yield f"| [{path.name}]({path.name}) | {told['title']} | {command} |"


def _decisions(language: Language) -> Iterator[str]:
    for path in sorted(DECISIONS.glob("[0-9]*.md")):
        number, _, title = path.read_text("utf-8").splitlines()[0].removeprefix("# ").partition(" · ")
        yield f"| [{number}]({path.name}) | {title} |"


if __name__ == "__main__":
    for path, text in chain(schema_files(), openapi_files()):
        path.write_text(text, "utf-8")
    for path, language in pages():
        path.write_text(made(path.read_text("utf-8"), language), "utf-8")
