"""The decision log as data, for other programs: one object, with a published JSON Schema."""

import datetime
import json
from collections.abc import Iterable, Mapping
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from sage.tools.adr.citations import Citation
from sage.tools.adr.log import DecisionLog
from sage.tools.adr.record import Record, Status

__all__ = ["ExportedLog", "export_log", "export_record", "json_schema"]


class _Model(BaseModel):
    model_config = ConfigDict(frozen=True, extra="forbid")


class ExportedSection(_Model):
    """A heading and the text under it."""

    title: str
    level: int = Field(ge=1, le=6)
    line: int = Field(ge=1)
    text: str


class ExportedCitation(_Model):
    """A place that cites the record."""

    path: str
    line: int = Field(ge=1)
    text: str
    past: bool = Field(description="Whether the line says that it speaks of the past")


class ExportedRecord(_Model):
    """One decision."""

    id: str = Field(description="ADR-0002; the file's stem where there is no number")
    number: int | None
    title: str = Field(description="May hold any character: escape it where it is shown")
    status: Status
    status_text: str = Field(description="The status as written")
    date: datetime.date | None
    path: str = Field(description="Relative to the root, with / between its parts")
    dialect: str
    supersedes: list[str]
    superseded_by: list[str]
    tags: list[str]
    layers: list[str]
    deciders: list[str]
    governs: list[str]
    review_by: datetime.date | None
    log: str = Field(description="Empty for the main log")
    sections: list[ExportedSection]
    cited_by: list[ExportedCitation]


class ExportedLog(_Model):
    """A decision log."""

    schema_version: Literal[1] = 1
    records: list[ExportedRecord]


def export_log(logs: Iterable[DecisionLog], citations: Iterable[Citation] = ()) -> str:
    """The records of all `logs`, with who cites them, as JSON that `json_schema` describes."""
    cited: dict[str, list[Citation]] = {}
    for citation in citations:
        cited.setdefault(citation.record, []).append(citation)
    records = [_record(record, cited) for log in logs for record in log.records]
    return ExportedLog(records=records).model_dump_json(indent=2) + "\n"


def export_record(record: Record, citations: Iterable[Citation] = ()) -> str:
    """One record as JSON, as it stands in `export_log`'s array."""
    cited = {record.id: [each for each in citations if each.record == record.id]}
    return _record(record, cited).model_dump_json(indent=2) + "\n"


def json_schema() -> str:
    """The JSON Schema of `export_log`'s output, as JSON."""
    schema = ExportedLog.model_json_schema(mode="serialization")
    schema["$schema"] = "https://json-schema.org/draft/2020-12/schema"
    return json.dumps(schema, indent=2, ensure_ascii=False) + "\n"


def _record(record: Record, cited: Mapping[str, list[Citation]]) -> ExportedRecord:
    return ExportedRecord(
        id=record.id,
        number=record.number,
        title=record.title,
        status=record.status,
        status_text=record.status_text,
        date=record.date,
        path=record.path,
        dialect=record.dialect,
        supersedes=list(record.supersedes),
        superseded_by=list(record.superseded_by),
        tags=list(record.tags),
        layers=list(record.layers),
        deciders=list(record.deciders),
        governs=list(record.governs),
        review_by=record.review_by,
        log=record.log,
        sections=[
            ExportedSection(title=s.title, level=s.level, line=s.line, text=s.text)
            for s in record.sections
        ],
        cited_by=[
            ExportedCitation(path=c.path, line=c.line, text=c.text, past=c.past)
            for c in cited.get(record.id, ())
        ],
    )
