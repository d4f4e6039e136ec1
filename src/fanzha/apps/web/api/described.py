"""What the API says of itself: its sentences from the catalogue, every parameter of an address, every refusal."""

from __future__ import annotations

from collections.abc import Mapping
from itertools import product
from typing import Any

from fanzha.apps.web.api.v1_orders import ORDERS_BY_NAME
from fanzha.apps.web.errors import STATUS
from fanzha.apps.web.pages.accounts import ACCOUNTS
from fanzha.apps.web.pages.case import LOG, PEOPLE
from fanzha.apps.web.pages.cases import CASES
from fanzha.apps.web.pages.incidents import BOARD
from fanzha.apps.web.pages.movements import MOVEMENTS
from fanzha.apps.web.pages.quality import DUPLICATES, REJECTED
from fanzha.apps.web.pages.trace_tables import ASKING, DISPUTES, HOLDINGS, HOPS, PASSAGES, starts_table
from fanzha.apps.web.pages.work import WORK
from fanzha.apps.web.views.tables import KEY, MAX_PAGE, PAGE_SIZES, Filter, Table
from fanzha.apps.web.views.trace import MOVEMENT, STARTS, TraceQuestion
from fanzha.i18n import Language, text
from fanzha.kernel.money import MAX_FEN
from fanzha.tracing.follow.question import Direction, Method

Schema = dict[str, Any]

TABLES: Mapping[str, Table] = {
    "cases": CASES,
    "work": WORK,
    "orders": ORDERS_BY_NAME,
    "incidents": BOARD,
    "rejected": REJECTED,
    "duplicates": DUPLICATES,
    "movements": MOVEMENTS,
    "accounts": ACCOUNTS,
    "people": PEOPLE,
    "log": LOG,
    "trace_hops": HOPS,
    "trace_holdings": HOLDINGS,
    "trace_asking": ASKING,
    "trace_passages": PASSAGES,
    "trace_disputes": DISPUTES,
}
"""The table behind each read that filters, sorts and pages, by the name of the read."""

_REFUSAL: Schema = {
    "title": "Refusal",
    "type": "object",
    "required": ["code", "message"],
    "properties": {"code": {"type": "string"}, "message": {"type": "string"}},
    "additionalProperties": False,
}
"""What every error answers: a stable code, and its sentence in the reader's language."""
_REFUSALS = {
    str(status): {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Refusal"}}}}
    for status in sorted({400, 401, 405, 413, *STATUS.values()} - {500})
}
_SECURITY: Schema = {
    "session": {"type": "apiKey", "in": "cookie", "name": "fanzha"},
    "forms": {"type": "apiKey", "in": "header", "name": "x-csrf"},
}
"""Who reads carries the cookie of a session; who writes also the token of that session's forms."""


def described(schema: Mapping[str, Any], language: Language) -> Schema:
    """The API's schema with its sentences from the catalogue: docstrings are for those who read the source."""
    told: Schema = _undescribed(schema)
    for path in told["paths"].values():
        for method, operation in path.items():
            name = operation["operationId"].partition("_api_v1_")[0]
            operation["summary"] = text(language, f"web.api.{name}")
            operation["responses"] |= _REFUSALS
            operation["security"] = [{"session": []} if method == "get" else {"session": [], "forms": []}]
            operation["parameters"] = [*operation.get("parameters", []), *_parameters(name)]
    told["components"]["schemas"]["Refusal"] = _REFUSAL
    told["components"]["securitySchemes"] = _SECURITY
    return {**told, "info": {**told["info"], "title": text(language, "web.api.title")}}


def _undescribed(part: Any) -> Any:
    if isinstance(part, Mapping):
        return {
            key: _undescribed(each) for key, each in part.items() if key != "description" or not isinstance(each, str)
        }
    return [_undescribed(each) for each in part] if isinstance(part, list) else part


def _parameters(name: str) -> list[Schema]:
    """Every parameter that an address of this read takes."""
    if name == "quality":
        return [_parameter("import", _key())]
    parameters = [_question()] if name.startswith("trace") else []
    if name == "trace_starts":
        return [*parameters, *_paging(_starts_sorts())]
    table = TABLES.get(name)
    if table is None:
        return parameters
    sorts = [each.key for each in table.columns if each.sortable]
    return [*parameters, *_paging(sorts), *(_parameter(each.key, _filter(each)) for each in table.filters)]


def _paging(sorts: list[str]) -> list[Schema]:
    return [
        _parameter("sort", {"enum": ["", *sorts]}),
        _parameter("order", {"enum": ["", "asc", "desc"]}),
        _parameter("page", {"type": "integer", "minimum": 1, "maximum": MAX_PAGE}),
        _parameter("size", {"type": "integer", "minimum": 1, "maximum": PAGE_SIZES[-1]}),
    ]


def _starts_sorts() -> list[str]:
    """The columns that the starts have by every rule in every direction."""
    asked = [TraceQuestion(method=method, direction=way) for method, way in product(Method, Direction)]
    sorts = [[each.key for each in starts_table(one).columns if each.sortable] for one in asked]
    return [each for each in sorts[0] if all(each in other for other in sorts)]


def _filter(told: Filter) -> Schema:
    """What a filter takes; one that is empty, as a form sends it, is the same as none."""
    match told.kind:
        case "choice":
            return {"enum": ["", *told.choices]}
        case "fen":  # in yuan, as people write it
            return {"type": "string", "pattern": r"^([0-9]{1,12}(\.[0-9]{1,2})?)?$"}
        case "after" | "until":
            return {"anyOf": [{"const": ""}, *({"type": "string", "format": each} for each in ("date", "date-time"))]}
    return _key()


def _key() -> Schema:
    return {"type": "string", "pattern": f"^({KEY})?$"}


def _question() -> Schema:
    """The question of a trace: some payments to start from, an account's or the victims'; each part a parameter."""
    key: Schema = {"type": "string", "pattern": f"^{MOVEMENT}$"}
    how: Schema = {
        "method": {"enum": [each.value for each in Method]},
        "direction": {"enum": [each.value for each in Direction]},
        "horizon": {"type": "string", "pattern": "^[0-9]{1,4}[smhdSMHD]?$"},
        "floor_fen": {"type": "integer", "minimum": 1, "maximum": MAX_FEN},
    }
    starts = (
        {"from": {"type": "array", "items": key, "minItems": 1, "maxItems": STARTS}},
        {"of": key, "way": {"enum": ["out", "in"]}},
        {"way": {"enum": ["victims"]}},
    )
    asked = [
        {"type": "object", "properties": {**each, **how}, "required": list(each), "additionalProperties": False}
        for each in starts
    ]
    return {**_parameter("question", {"anyOf": asked}), "required": True, "style": "form", "explode": True}


def _parameter(name: str, schema: Schema) -> Schema:
    return {"name": name, "in": "query", "required": False, "schema": schema}
