"""The reference pages of `sage-dev adr`, made from the commands and the codes themselves.

`python -m sage.tools.cli._adr_reference docs_src/reference` writes them; a test holds the
committed pages to what this module makes.
"""

import inspect
import sys
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, fields
from enum import Enum
from pathlib import Path
from typing import get_type_hints

from typer.models import ArgumentInfo

from sage.tools.adr.codes import CODES, Code
from sage.tools.cli.adr import app
from sage.tools.settings import Settings

__all__ = ["pages", "write_pages"]


def pages() -> dict[str, str]:
    """Every page: its path below `docs_src/reference`, and its text."""
    made = {"sage-dev-adr.md": _commands(), "findings/adr/index.md": _index(CODES)}
    made |= {f"findings/adr/{name}.md": _code(name, code) for name, code in CODES.items()}
    return made


def write_pages(folder: Path) -> None:
    """Write every page below `folder`."""
    for name, text in pages().items():
        file = folder / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text, "utf-8")


def _index(codes: Mapping[str, Code]) -> str:
    rows = "".join(
        f"| [`{name}`]({name}.md) | {code.severity} | {code.rule} |\n"
        for name, code in sorted(codes.items())
    )
    return (
        "---\ndescription: Every rule that a sound decision log obeys, one page each.\n---\n\n"
        "# Findings about records\n\n"
        "`sage-dev adr lint` and `sage-dev adr cited` print `path:line: code message`. An error\n"
        "makes the exit code 1; a warning does so only with `--strict`.\n\n"
        f"| Code | Weight | Rule |\n|---|---|---|\n{rows}"
    )


def _code(name: str, code: Code) -> str:
    return (
        f"---\ndescription: {_quoted(code.rule)}\n---\n\n<!-- adr: off (examples) -->\n\n"
        f"# {name}\n\n**{code.rule}**\n\nThis is {_article(code.severity)}.\n\n{code.why}\n\n"
        f"## Bad\n\n````text\n{code.bad}\n````\n\n## Good\n\n````text\n{code.good}\n````\n"
    )


def _article(severity: str) -> str:
    if severity == "error":
        return "an error: the command ends with exit code 1"
    return "a warning: it fails the command only with `--strict`"


def _quoted(text: str) -> str:
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'


def _commands() -> str:
    parts = [
        "---\ndescription: Every command of sage-dev adr with its arguments and options.\n---\n\n"
        "# sage-dev adr\n\nReads, checks, writes and cites decision records, in any repository "
        "and in every dialect met\nin the wild. Where no `--dir` is given, the records lie in "
        "the `adr-dir` setting of\n`[tool.sage-dev]`, else in the first of `adr`, `docs/adr`, "
        "`docs/decisions`, `doc/adr` and\n`docs/architecture/decisions` that exists.\n\n"
        "What each finding means stands under [findings about records](findings/adr/index.md); "
        "what\n`export` writes is described by a [JSON Schema](decision-log.schema.json).\n"
    ]
    for command in app.registered_commands:
        if command.callback is not None:
            name = command.name or command.callback.__name__
            parts.append("\n" + "".join(_command(name, command.callback)))
    return "".join([*parts, "\n", *_settings()])


def _settings() -> Iterator[str]:
    yield "## Settings\n\nIn `[tool.sage-dev]` of `pyproject.toml`; all may be missing.\n\n"
    yield "| Key | Meaning |\n|---|---|\n"
    for field in fields(Settings):
        if field.name.startswith("adr_"):
            key = field.name.replace("_", "-")
            yield f"| `{key}` | {_cell(field.metadata['meaning'])}. |\n"


def _command(name: str, callback: Callable[..., object]) -> Iterator[str]:
    parameters = list(_parameters(callback))
    arguments = [each for each in parameters if each.argument]
    words = "".join(f" {each.shown}" for each in arguments)
    yield f"## {name}\n\n````text\nsage-dev adr {name}{words} [OPTIONS]\n````\n\n"
    yield f"{inspect.getdoc(callback)}\n\n| Argument or option | Meaning |\n|---|---|\n"
    for each in (*arguments, *(each for each in parameters if not each.argument)):
        yield f"| `{each.shown}` | {_cell(each.meaning)} |\n"


@dataclass(frozen=True, slots=True)
class _Parameter:
    shown: str
    meaning: str
    argument: bool


def _parameters(callback: Callable[..., object]) -> Iterator[_Parameter]:
    hints = get_type_hints(callback, include_extras=True)
    for name, parameter in inspect.signature(callback).parameters.items():
        kind, info = hints[name].__origin__, hints[name].__metadata__[0]
        argument = isinstance(info, ArgumentInfo)
        meaning = " ".join(filter(None, (info.help, _choices(kind))))
        if argument:
            shown = str(info.metavar or name.upper()) + ("…" if "list" in str(kind) else "")
            shown = shown if parameter.default is parameter.empty else f"[{shown}]"
        else:
            shown = ", ".join(info.param_decls or ("--" + name.replace("_", "-"),))
            shown += "" if kind is bool else f" {info.metavar or name.upper()}"
        yield _Parameter(shown, meaning, argument)


def _choices(kind: object) -> str:
    if isinstance(kind, type) and issubclass(kind, Enum):
        return f"One of {', '.join(str(each.value) for each in kind)}."
    return ""


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
