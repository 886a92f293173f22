"""JSON, YAML and TOML fences: whether they can be read at all."""

import json
import re
import tomllib

import yaml

from sage.tools.snippets.model import Outcome, Snippet, Status

__all__ = ["parse_data"]


def parse_data(snippet: Snippet) -> Outcome:
    """JSON, YAML or TOML: whether it can be read at all."""
    try:
        if snippet.language == "json":
            json.loads(snippet.source)
        elif snippet.language == "toml":
            tomllib.loads(snippet.source)
        else:
            list(yaml.compose_all(snippet.source, Loader=yaml.SafeLoader))
    except (ValueError, yaml.YAMLError) as error:
        at = snippet.origin_line + _error_line(error)
        message = f"it is no {snippet.language.upper()}: {' '.join(str(error).split())}"
        return Outcome(Status.FAILED, message=message, line=at)
    return Outcome(Status.PASSED)


def _error_line(error: Exception) -> int:
    if isinstance(error, json.JSONDecodeError):
        return error.lineno - 1
    if isinstance(error, yaml.MarkedYAMLError) and error.problem_mark:
        return int(error.problem_mark.line)
    found = re.search(r"at line (\d+)", str(error))
    return int(found.group(1)) - 1 if found else 0
