"""A traced case as a file that others open: a workbook, a graph, entities."""

from __future__ import annotations

from collections.abc import Iterator
from enum import StrEnum

from fanzha.adapters.documents.flow_entities import flow_entities
from fanzha.adapters.documents.flow_graph import case_graph
from fanzha.adapters.documents.flow_workbook import flow_workbook
from fanzha.adapters.documents.graphml import graphml
from fanzha.adapters.documents.sight import Sight
from fanzha.adapters.store.subjects import Identifier, subject_id
from fanzha.cases.subjects import SubjectKind
from fanzha.i18n import Language
from fanzha.kernel.errors import invariant
from fanzha.wiring.house import House
from fanzha.workflows.trace_dossier import Dossier


class FlowFile(StrEnum):
    """The kinds of file; a kind is also the ending of its name."""

    XLSX = "xlsx"
    GRAPHML = "graphml"
    FTM = "ftm"
    PDF = "pdf"

    @property
    def ending(self) -> str:
        """What a file's name ends in."""
        return ".ftm.json" if self is FlowFile.FTM else f".{self}"

    @property
    def media_type(self) -> str:
        """What a browser is told that it is."""
        return {
            FlowFile.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
            FlowFile.GRAPHML: "application/graphml+xml",
            FlowFile.FTM: "application/x-ndjson",
            FlowFile.PDF: "application/pdf",
        }[self]


def flow_file(house: House, dossier: Dossier, kind: FlowFile, language: Language, *, masked: bool) -> Iterator[bytes]:
    """The file, piece by piece; `Invalid` when it cannot hold the trace. The report is made by `wiring.reports`."""
    invariant(kind is not FlowFile.PDF, "documents.not_set", status=0)
    sight = Sight(masked=masked)
    if kind is FlowFile.XLSX:
        yield flow_workbook(dossier, sight, language)
        return
    if kind is FlowFile.GRAPHML:
        lines = graphml(case_graph(dossier, sight, language))
    else:
        lines = flow_entities(dossier, sight, language, lambda number: _opaque(house, number))
    for line in lines:
        yield line.encode()


def _opaque(house: House, number: str) -> str:
    """An account's id, which says nothing to whoever has not the keys."""
    return f"{subject_id(house.keys, Identifier(SubjectKind.ACCOUNT, number)):016x}"
