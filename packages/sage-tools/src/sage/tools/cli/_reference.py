"""The reference pages of `sage-dev`, made from its commands, settings and codes themselves.

`python -m sage.tools.cli._reference docs_src/reference` writes them; a test holds the committed
pages to what this module makes.
"""

import inspect
import json
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import MISSING, Field, fields
from importlib import import_module
from pathlib import Path

from typer.core import TyperArgument, TyperGroup, TyperOption
from typer.main import get_command

from sage.tools.adr.codes import CODES, Code
from sage.tools.cli import COMMANDS
from sage.tools.settings import Settings

__all__ = ["pages", "write_pages"]

ADR_PAGE = "sage-dev-adr.md"


def pages() -> dict[str, str]:
    """Every page: its path below `docs_src/reference`, and its text."""
    made = {
        "sage-dev.md": "".join(_all_commands()),
        ADR_PAGE: "".join(_adr()),
        "findings/adr/index.md": _index(CODES),
    }
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


def _all_commands() -> Iterator[str]:
    yield (
        "---\ndescription: Every command of sage-dev with its options, and every setting.\n---\n\n"
        "# sage-dev\n\nEach command works in any repository and needs no settings to begin with. "
        "Findings are printed as\n`path:line: code message`. The exit code is 0 where all is well, "
        "1 where there are findings that are\nerrors (with `--strict`, warnings too), and 2 where "
        "the command cannot begin: one sentence on standard\nerror then says why.\n\n"
        "| Command | What it does |\n|---|---|\n"
    )
    for name, line in COMMANDS.items():
        page = ADR_PAGE if name == "adr" else f"#{name}"
        yield f"| [`{name}`]({page}) | {line} |\n"
    yield (
        "\nWhat each finding means: [records](findings/adr/index.md), "
        "[layers](findings/layers.md),\n[snippets](findings/snippets.md), "
        "[versions](findings/versions.md), [claims](findings/claims.md), "
        "[the site](findings/site.md).\n"
    )
    for name in COMMANDS:
        if name != "adr":
            group = _group(name)
            yield from _command(name, name, group.help, group.params)
            yield from _below(name, f"{name} ")
    yield from _settings()


def _adr() -> Iterator[str]:
    yield (
        "---\ndescription: Every command of sage-dev adr with its arguments and options.\n---\n\n"
        "# sage-dev adr\n\nReads, checks, writes and cites decision records, in any repository "
        "and in every dialect met\nin the wild. Where no `--dir` is given, the records lie in "
        "the `adr-dir` [setting](sage-dev.md#settings),\nelse in the first of `adr`, `docs/adr`, "
        "`docs/decisions`, `doc/adr` and\n`docs/architecture/decisions` that exists.\n\n"
        "What each finding means stands under [findings about records](findings/adr/index.md); "
        "what\n`export` writes is described by a [JSON Schema](decision-log.schema.json).\n"
    )
    yield from _below("adr")


def _below(name: str, before: str = "") -> Iterator[str]:
    for word, command in _group(name).commands.items():
        yield from _command(f"{before}{word}", f"{name} {word}", command.help, command.params)


def _group(name: str) -> TyperGroup:
    group = get_command(import_module(f"sage.tools.cli.{name}").app)
    assert isinstance(group, TyperGroup)
    return group


def _command(
    heading: str, words: str, text: str | None, parameters: Sequence[object]
) -> Iterator[str]:
    arguments = [each for each in parameters if isinstance(each, TyperArgument)]
    options = [each for each in parameters if isinstance(each, TyperOption)]
    usage = " ".join([f"sage-dev {words}", *map(_argument, arguments), "[OPTIONS]"])
    yield f"\n## {heading}\n\n````text\n{usage}\n````\n\n{inspect.cleandoc(text or '')}\n\n"
    yield "| Argument or option | Meaning |\n|---|---|\n"
    yield from (f"| `{_argument(each)}` | {_meaning(each)} |\n" for each in arguments)
    yield from (
        f"| `{_option(each)}` | {_meaning(each)} |\n"
        for each in options
        if not str(each.name).endswith("_completion")
    )


def _argument(each: TyperArgument) -> str:
    word = _word(each) + ("…" if each.nargs == -1 else "")
    return word if each.required else f"[{word}]"


def _option(each: TyperOption) -> str:
    names = "/".join([*each.opts, *each.secondary_opts])
    return names if each.is_flag else f"{names} {_word(each)}"


def _word(each: TyperArgument | TyperOption) -> str:
    return each.metavar or str(each.name).upper()


def _meaning(each: TyperArgument | TyperOption) -> str:
    choices = getattr(each.type, "choices", ())
    among = f" One of {', '.join(map(str, choices))}." if choices else ""
    return _cell(f"{each.help or ''}{among}")


def _settings() -> Iterator[str]:
    yield "\n## Settings\n\nIn `[tool.sage-dev]` of `pyproject.toml`; all may be missing.\n\n"
    yield "| Key | Meaning | Takes | By default |\n|---|---|---|---|\n"
    for field in fields(Settings):
        key, kind = field.name.replace("_", "-"), field.metadata["kind"].words
        yield f"| `{key}` | {_cell(field.metadata['meaning'])}. | {kind} | {_default(field)} |\n"


def _default(field: Field[object]) -> str:
    value = field.default if field.default_factory is MISSING else field.default_factory()
    if value is None or value == [] or value == {}:
        return "–"
    return f"`{json.dumps(value)}`"


def _cell(text: str) -> str:
    return " ".join(text.replace("|", "\\|").split())


if __name__ == "__main__":
    write_pages(Path(sys.argv[1]))
