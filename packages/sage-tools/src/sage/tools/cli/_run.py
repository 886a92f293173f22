"""Calling the command that a command line names, and what its end means.

Typer reads every command line, and takes a tenth of a second of CPU for it, most of it to import
pydantic in order to check that a word is a word. A plain command line is therefore taken apart
here, from the same declarations; one that is not plain goes to Typer, which knows how to complain.
"""

import inspect
import os
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import UnionType
from typing import Any, Union, get_args, get_origin

import typer
from typer.models import ArgumentInfo

__all__ = ["plain_call", "run"]


def run(app: typer.Typer, words: Sequence[str], own: typer.Typer | None = None) -> int:
    """Call what `words` name, and give the exit code; complaints are one sentence on stderr.

    Args:
        app: The whole application.
        words: The command line, without the program's name.
        own: The application of the command that `words` start with; `None` where there is none.
    """
    try:
        code = _call(app, words, own)
        sys.stdout.flush()
    except typer.TyperException as error:
        if message := " ".join(error.format_message().replace("Value error, ", "").split()):
            print(f"sage-dev: {message.rstrip('.')}; see --help", file=sys.stderr)
        return error.exit_code
    except BrokenPipeError:
        # Whoever read our output has stopped; so that the end of Python does not try again.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    except KeyboardInterrupt:
        return 130
    return code


def _call(app: typer.Typer, words: Sequence[str], own: typer.Typer | None) -> int:
    try:
        command, rest = _named(own, words[1:])
        if command and (values := plain_call(command, rest)) is not None:
            command(**values)
            return 0
        ended = app(list(words), standalone_mode=False)
    except typer.Exit as end:
        return end.exit_code
    return ended if isinstance(ended, int) else 0


def _named(
    own: typer.Typer | None, words: Sequence[str]
) -> tuple[Callable[..., object] | None, Sequence[str]]:
    """The command that `words` name and the words for it; `None` where only Typer can tell.

    An application with a callback has that for its command. The name of a further one is then a
    word too many, and so is left to Typer.
    """
    if own is None:
        return None, ()
    if own.registered_callback is not None:
        return own.registered_callback.callback, words
    return (_commands(own).get(words[0]), words[1:]) if words else (None, ())


def _commands(app: typer.Typer) -> dict[str, Callable[..., object]]:
    return {
        each.name or each.callback.__name__: each.callback
        for each in app.registered_commands
        if each.callback is not None
    }


@dataclass(frozen=True, slots=True)
class _Parameter:
    """An argument or an option of a command, as its function declares it."""

    name: str
    kind: type
    many: bool
    argument: bool
    required: bool
    words: tuple[str, ...]


def plain_call(command: Callable[..., object], words: Sequence[str]) -> dict[str, Any] | None:
    """The arguments that Typer would call `command` with; `None` where only Typer can tell.

    Plain are options by their full names, `--name value` or `--name=value`, and arguments; their
    values words, paths and choices. The context, of which such a line has no need, is `None`.
    """
    signature = _signature(command)
    parameters = [
        _parameter(name, each) for name, each in signature if each.annotation is not typer.Context
    ]
    options = {word: each for each in parameters for word in each.words}
    given: dict[str, list[str]] = {}
    free: list[str] = []
    rest = iter(words)
    for word in rest:
        if word == "-" or not word.startswith("-"):
            free.append(word)
            continue
        name, equals, value = word.partition("=")
        option = options.get(name)
        if option is None or (name in given and not option.many):
            return None
        if option.kind is bool:
            value = "" if equals else name
        elif not equals:
            value = next(rest, "")
        if not value or (value.startswith("-") and value != name):
            return None
        given.setdefault(name, []).append(value)
    values = _assigned([each for each in parameters if each.argument], free)
    if values is None:
        return None
    without = {name: None for name, each in signature if each.annotation is typer.Context}
    values |= {options[name].name: words for name, words in given.items()}
    converted = _converted(parameters, values)
    return None if converted is None else without | converted


def _signature(command: Callable[..., object]) -> list[tuple[str, inspect.Parameter]]:
    return list(inspect.signature(command).parameters.items())


def _parameter(name: str, declared: inspect.Parameter) -> _Parameter:
    kind, info = get_args(declared.annotation)[:2]
    if get_origin(kind) in (Union, UnionType):
        kind = next(each for each in get_args(kind) if each is not type(None))
    many = get_origin(kind) is list
    argument = isinstance(info, ArgumentInfo)
    # In an annotation, the first name that is given stands where a default value would.
    first = (info.default,) if isinstance(info.default, str) else ()
    names = (*first, *(info.param_decls or ())) or (f"--{name.replace('_', '-')}",)
    words = () if argument else names
    return _Parameter(
        name,
        get_args(kind)[0] if many else kind,
        many,
        argument,
        declared.default is declared.empty,
        tuple(words),
    )


def _assigned(arguments: Sequence[_Parameter], words: Sequence[str]) -> dict[str, list[str]] | None:
    """Which words are which argument's: one word each, and for the last all that are left."""
    left = list(words)
    values: dict[str, list[str]] = {}
    for each in arguments:
        taken, left = (left, []) if each.many else (left[:1], left[1:])
        if taken:
            values[each.name] = taken
    return None if left else values


def _converted(
    parameters: Sequence[_Parameter], values: dict[str, list[str]]
) -> dict[str, Any] | None:
    converted: dict[str, Any] = {}
    for each in parameters:
        if each.name not in values:
            if each.required:
                return None
            continue
        try:
            made = [_value(each.kind, word) for word in values[each.name]]
        except ValueError:
            return None
        converted[each.name] = made if each.many else made[0]
    return converted


def _value(kind: type, word: str) -> object:
    if kind is bool:
        return True
    if not word or not (kind in (str, Path) or issubclass(kind, Enum)):
        raise ValueError(word)
    return kind(word)
