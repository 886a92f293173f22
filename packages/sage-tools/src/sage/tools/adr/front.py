"""Front matter: the YAML block at the head of a record, every value as it is written."""

import re
from collections.abc import Iterator, Mapping, Sequence

__all__ = [
    "KNOWN_KEYS",
    "FrontMatter",
    "FrontMatterError",
    "find_unopened",
    "key_of",
    "line_of_key",
    "parse_front_matter",
]

FrontMatter = str | tuple[str, ...]

# The keys that are read; front matter may hold as many others as its writers like.
KNOWN_KEYS = (
    *("date", "deciders", "decision-makers", "governs", "layers", "review-by", "status"),
    *("superseded-by", "supersedes", "tags", "title"),
)

MAX_CHARACTERS = 64 * 1024
MAX_OPENINGS = 100
MAX_ALIASES = 10

# The plain lines that nearly all front matter consists of. They mean the same to YAML
# (a test proves it); everything else goes through the YAML parser.
_WORD = r"[A-Za-z0-9][A-Za-z0-9_./()+-]*(?: [A-Za-z0-9][A-Za-z0-9_./()+-]*)*"
_QUOTED = r'"[^"\\\n\t]*"'
_SIMPLE_ITEM = rf"(?:{_WORD}|{_QUOTED})"
_SIMPLE = re.compile(
    rf"([A-Za-z][A-Za-z0-9_-]*):(?:[ ]+(?:({_WORD})|({_QUOTED})"
    rf"|\[({_SIMPLE_ITEM}(?:, *{_SIMPLE_ITEM})*)?\]))?[ ]*"
)
_ITEM = re.compile(_SIMPLE_ITEM)
_DEEP = re.compile(r"(?:[-?:]\s+){20}")
_ANCHOR = re.compile(r"(?:^|[\s\[,])&\w")
_ALIAS = re.compile(r"(?:^|[\s\[,])\*\w")
_HUMP = re.compile(r"(?<=[a-z])(?=[A-Z])")
_FILLED_IN = ("status", "date")
# Where others keep a record's relations to others, and the two that are read of them.
_RELATIONS = ("links", "relations", "relationships", "related")
_SUCCESSIONS = {"supersedes": "supersedes", "supersededby": "superseded-by"}
_KINDS = ("kind", "type", "rel", "relation")
_TARGETS = ("target", "to", "id", "adr")
_UNOPENED = re.compile(r"([a-z][a-z_-]*):(?:[ \t].*)?|[ \t]+\S.*|- .*")
_MAX_UNOPENED = 60
# Where these go wrong, the mark of the problem is the better one; else that of the context, for
# what was opened is wrong and not the line on which YAML gave up waiting for its end.
_WIDE = re.compile("block|constructing|document|plain scalar")


class FrontMatterError(ValueError):
    """Front matter that cannot be read; `line` is where, `body` the index of the text after it."""

    def __init__(self, message: str, line: int, body: int) -> None:
        super().__init__(message)
        self.line = line
        self.body = body


def parse_front_matter(lines: Sequence[str]) -> tuple[Mapping[str, FrontMatter], int]:
    """The keys in lower case with `-`, and the index of the first line after the block.

    Values stay text as written, so that `0042` is not read as 34 and a date that does not exist
    is still shown. Of nested values only the successions among a record's `links` or `relations`
    are read, as if they stood alone. The first line is the opening `---`.

    Raises:
        FrontMatterError: The block is not closed, is not YAML, or is no mapping.

    >>> parse_front_matter(["---", "status: accepted", "supersedes: [0042]", "---", "# Title"])
    ({'status': 'accepted', 'supersedes': ('0042',)}, 4)
    """
    end = _end(lines)
    body = end + 1
    block = lines[1:end]
    simple = _simple(block)
    if simple is not None:
        return simple, body
    if twice := _find_twice(block):
        raise FrontMatterError(f"{twice[0]} stands twice; keep one", twice[1] + 2, body)
    try:
        loaded = _load("\n".join(block))
    except _Broken as error:
        raise FrontMatterError(error.message, error.line + 2, body) from None
    if loaded is None or loaded == "":
        return {}, body
    if not isinstance(loaded, dict):
        kind = "a list" if isinstance(loaded, list) else "plain text"
        raise FrontMatterError(f"front matter is {kind}; write it as `key: value` lines", 2, body)
    return _flat(loaded), body


def find_unopened(lines: Sequence[str]) -> str:
    """What is wrong with front matter whose `---` is not the first line; empty where none is.

    Lines of a page's text are taken for it only where they are nothing but `key: value`, name a
    key that is read here in lower case, and end with `---`.

    >>> find_unopened(["status: accepted", "governs: [a]", "---", "# Title"])
    'front matter is never opened; write a line `---` above it'
    """
    first = next((index for index, line in enumerate(lines) if line.strip()), 0)
    opened = lines[first].rstrip() == "---"
    known = False
    for line in lines[first + opened : first + _MAX_UNOPENED]:
        if line.rstrip() == "---":
            below = "front matter begins below the first line; delete the empty lines above it"
            above = "front matter is never opened; write a line `---` above it"
            return (below if opened else above) if known else ""
        match = _UNOPENED.fullmatch(line.rstrip())
        if match is None:
            break
        known = known or key_of(match[1] or "") in KNOWN_KEYS
    return ""


def key_of(name: str) -> str:
    """A key as it is looked up: in lower case, its words joined by `-`.

    >>> key_of("review_by"), key_of("supersededBy"), key_of("Status")
    ('review-by', 'superseded-by', 'status')
    """
    name = name.strip()
    if not name.islower():
        name = _HUMP.sub("-", name).lower()
    return name.replace("_", "-")


def line_of_key(lines: Sequence[str], key: str) -> int:
    """The line of a key in front matter, from 1; 0 where it is not there."""
    for number, line in enumerate(lines, start=1):
        name, colon, _ = line.partition(":")
        if colon and key_of(name.strip().strip("\"'")) == key:
            return number
    return 0


def _end(lines: Sequence[str]) -> int:
    for index in range(1, len(lines)):
        if lines[index].rstrip() in ("---", "..."):
            return index
    raise FrontMatterError("front matter is never closed; end it with a line `---`", 1, 1)


def _simple(block: Sequence[str]) -> dict[str, FrontMatter] | None:
    front: dict[str, FrontMatter] = {}
    for line in block:
        match = _SIMPLE.fullmatch(line)
        if match is None or (key := key_of(match[1])) in front:
            return None
        if match[4] is not None:
            front[key] = tuple(item.strip('"') for item in _ITEM.findall(match[4]))
        elif line.rstrip().endswith("[]"):
            front[key] = ()
        else:
            front[key] = _value(match[2]) if match[2] else (match[3] or "").strip('"')
    return front


def _find_twice(block: Sequence[str]) -> tuple[str, int] | None:
    """A key that is read here and stands a second time, and where: YAML would take the last."""
    seen = set()
    for index, line in enumerate(block):
        name, colon, _ = line.partition(":")
        if colon and name == name.strip() and (key := key_of(name.strip("\"'"))) in KNOWN_KEYS:
            if key in seen:
                return name, index
            seen.add(key)
    return None


class _Broken(Exception):
    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.message = message
        self.line = line


def _load(block: str) -> object:
    # libyaml recurses in C: a hundred openings are more than any record has, and far fewer
    # than what overflows the stack.
    if len(block) > MAX_CHARACTERS:
        raise _Broken("front matter has more than 64 KiB; keep it to a few lines", 0)
    deep = _DEEP.search(block)
    if deep or block.count("[") + block.count("{") > MAX_OPENINGS:
        line = block.count("\n", 0, deep.start()) if deep else 0
        raise _Broken("front matter is nested too deeply; write plain `key: value` lines", line)
    if _ANCHOR.search(block) and len(aliases := [*_ALIAS.finditer(block)]) > MAX_ALIASES:
        # A few lines of these can stand for billions of values.
        line = block.count("\n", 0, aliases[0].end())
        raise _Broken("front matter repeats values by many aliases (*name); write them out", line)
    # Here, because the front matter of most records consists of plain lines.
    import yaml

    try:
        return yaml.load(block, getattr(yaml, "CBaseLoader", yaml.BaseLoader))
    except yaml.MarkedYAMLError as error:
        narrow = error.context is not None and not _WIDE.search(error.context)
        mark = (error.context_mark if narrow else None) or error.problem_mark
        line = min(mark.line, block.count("\n")) if mark else 0
        problem = error.problem or error.context or "it cannot be parsed"
        raise _Broken(f"front matter is not YAML: {problem}", line) from None
    except (yaml.YAMLError, RecursionError, ValueError) as error:
        reason = str(error).splitlines()[0] if str(error) else "it cannot be parsed"
        raise _Broken(f"front matter is not YAML: {reason}", 0) from None


def _flat(loaded: Mapping[object, object]) -> dict[str, FrontMatter]:
    front: dict[str, FrontMatter] = {}
    for key, value in loaded.items():
        if not isinstance(key, str):
            continue
        name = key_of(key)
        if isinstance(value, str):
            front[name] = _value(value)
        elif isinstance(value, list):
            front[name] = tuple(item for item in value if isinstance(item, str))
        elif isinstance(value, dict) and name in _FILLED_IN and [*value.values()] == [""]:
            # To YAML the braces of a template, left around what was filled in, are a mapping.
            front[name] = next(iter(value))
    for place in _RELATIONS:
        for name, number in _successions(loaded.get(place)):
            known = front.get(name, ())
            front[name] = (*((known,) if isinstance(known, str) else known), number)
    return front


def _successions(value: object) -> Iterator[tuple[str, str]]:
    """What relations say: `{supersedes: [1]}`, or a list of `{type: supersedes, target: 1}`."""
    for entry in value if isinstance(value, list) else (value,):
        if not isinstance(entry, dict):
            continue
        kind = next((entry[key] for key in _KINDS if key in entry), None)
        target = next((entry[key] for key in _TARGETS if key in entry), None)
        for name, numbers in [(kind, target)] if kind else entry.items():
            if said := _SUCCESSIONS.get(re.sub("[-_ ]", "", str(name)).lower()):
                every = numbers if isinstance(numbers, list) else (numbers,)
                yield from ((said, one) for one in every if isinstance(one, str))


def _value(value: str) -> str:
    return "" if value in ("~", "null", "Null", "NULL") else value.strip()
