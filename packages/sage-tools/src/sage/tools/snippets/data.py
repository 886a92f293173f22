"""JSON, YAML and TOML fences: whether they can be read at all."""

import json
import re
import tomllib

import yaml

from sage.tools.snippets.model import Outcome, Snippet, Status

__all__ = ["parse_data"]

AT_LINE = re.compile(r" \(at line (\d+), ")  # as tomllib tells the place
AT_END = "(at end of document)"


def parse_data(snippet: Snippet) -> Outcome:
    """JSON, YAML or TOML: whether it can be read at all."""
    try:
        if snippet.language == "json":
            json.loads(snippet.source)
        elif snippet.language == "toml":
            tomllib.loads(snippet.source)
        else:
            list(yaml.compose_all(snippet.source, Loader=yaml.SafeLoader))
    except RecursionError:
        wrong, line = "it is nested too deeply to be read", 0
    except (ValueError, yaml.YAMLError) as error:
        wrong, line = _explain(error)
        last = snippet.source.rstrip().count("\n")
        line = last if wrong.endswith(AT_END) else min(line, last)
    else:
        return Outcome(Status.PASSED)
    language = snippet.language.replace("yml", "yaml").upper()
    message = f"it is no {language}: {wrong}"
    return Outcome(Status.FAILED, message=message, line=snippet.origin_line + line)


def _explain(error: Exception) -> tuple[str, int]:
    """What is wrong, in words that name no line of the fence; and that line, from 0."""
    if isinstance(error, json.JSONDecodeError):
        return f"{error.msg} (column {error.colno})", error.lineno - 1
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        parts = [part for part in (error.context, error.problem) if part]
        return ", ".join(parts), int(error.problem_mark.line)
    if isinstance(error, yaml.reader.ReaderError):
        return f"{error.reason}: #x{error.character:04x}", 0
    found = AT_LINE.search(str(error))
    if found is None:
        return str(error), 0
    return AT_LINE.sub(" (", str(error)), int(found.group(1)) - 1
