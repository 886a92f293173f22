"""Findings, printed: for a terminal, as JSON, as GitHub annotations, as SARIF."""

from collections.abc import Callable, Iterable, Sequence
from enum import StrEnum

from sage.tools.finding import Finding

__all__ = ["Format", "counted", "exit_code", "render"]

SARIF_SCHEMA = "https://json.schemastore.org/sarif-2.1.0.json"


class Format(StrEnum):
    """How findings are printed."""

    TEXT = "text"
    JSON = "json"
    GITHUB = "github"
    SARIF = "sarif"


def exit_code(findings: Iterable[Finding], *, strict: bool = False) -> int:
    """1 where a finding is an error, or, with `strict`, where there is any finding; else 0.

    >>> exit_code([Finding("a.md", 1, "stale", "look again", severity="warning")])
    0
    >>> exit_code([Finding("a.md", 1, "stale", "look again", severity="warning")], strict=True)
    1
    """
    return int(any(strict or finding.severity == "error" for finding in findings))


def counted(number: int, noun: str) -> str:
    """A number and what it counts, in the plural where it is not one.

    >>> counted(1, "error"), counted(2, "error"), counted(0, "error")
    ('1 error', '2 errors', '0 errors')
    """
    return f"{number} {noun}{'' if number == 1 else 's'}"


def render(findings: Iterable[Finding], format: Format = Format.TEXT) -> str:
    """All findings, sorted, in one string that ends in a newline, or is empty.

    >>> print(render([Finding("b.md", 2, "bad-date", "no such day")]), end="")
    b.md:2: bad-date no such day
    """
    ordered = sorted(set(findings))
    writers: dict[Format, Callable[[Sequence[Finding]], str]] = {
        Format.TEXT: _text,
        Format.JSON: _json,
        Format.GITHUB: _github,
        Format.SARIF: _sarif,
    }
    return writers[format](ordered)


def _text(findings: Sequence[Finding]) -> str:
    return "".join(f"{_one_line(str(finding))}\n" for finding in findings)


def _one_line(text: str) -> str:
    return "".join(c if c.isprintable() else " " for c in text)


def _json(findings: Sequence[Finding]) -> str:
    rows = [
        {
            "code": finding.code,
            "path": finding.path,
            "line": finding.line,
            "message": finding.message,
            "severity": finding.severity,
            "adr": list(finding.adr),
        }
        for finding in findings
    ]
    import json

    return json.dumps(rows, ensure_ascii=False, indent=2) + "\n"


def _github(findings: Sequence[Finding]) -> str:
    # Escapes as GitHub's runner undoes them: properties need two more than the message.
    return "".join(
        f"::{finding.severity} file={_property(finding.path)},line={max(finding.line, 1)},"
        f"title={_property(finding.code)}::{_data(finding.message)}\n"
        for finding in findings
    )


def _data(text: str) -> str:
    return text.replace("%", "%25").replace("\r", "%0D").replace("\n", "%0A")


def _property(text: str) -> str:
    return _data(text).replace(":", "%3A").replace(",", "%2C")


def _sarif(findings: Sequence[Finding]) -> str:
    codes = sorted({finding.code for finding in findings})
    run = {
        "tool": {"driver": {"name": "sage-dev", "rules": [{"id": code} for code in codes]}},
        "results": [_sarif_result(finding, codes.index(finding.code)) for finding in findings],
    }
    log = {"$schema": SARIF_SCHEMA, "version": "2.1.0", "runs": [run]}
    import json

    return json.dumps(log, ensure_ascii=False, indent=2) + "\n"


def _sarif_result(finding: Finding, rule: int) -> dict[str, object]:
    from urllib.parse import quote

    return {
        "ruleId": finding.code,
        "ruleIndex": rule,
        "level": finding.severity,
        "message": {"text": finding.message},
        "locations": [
            {
                "physicalLocation": {
                    "artifactLocation": {"uri": quote(finding.path)},
                    "region": {"startLine": max(finding.line, 1)},
                }
            }
        ],
        "properties": {"adr": list(finding.adr)},
    }
