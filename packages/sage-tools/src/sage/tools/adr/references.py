"""What names a record: the number in a file's name, and references in another record's text."""

import datetime
import re
from collections.abc import Iterator
from pathlib import PurePath
from urllib.parse import unquote

from sage.tools.adr.days import read_date
from sage.tools.adr.tongues import SUPERSEDED_BY

# adr: off (the numbers here are examples)

__all__ = [
    "ASIDE",
    "LINK",
    "SERIES",
    "SUPERSEDED",
    "identify",
    "references",
    "relations",
    "stem_of",
]

# A list of references is short; what follows is not read.
MAX_CHARACTERS = 4000

# What logs call their records, beside ADR.
SERIES = "RFC|RFD|DR|EP|KEP|GEP|TEP|Decision|Proposal|Record"

# Its groups: the label, the target in angle brackets, the target without.
LINK = re.compile(
    r"!?\[([^\]\[]{0,300})\]\((?:<([^>\n]{0,500})>|([^)\s]{0,500}))(?:[ \t][^)\n]{0,200})?\)"
)
SUPERSEDED = r"(?:superseded|superceded|superseeded|superceeded|replaced|obsoleted)"

# What stands between the word and its `by`: `superseded (2024-05-01) by`.
ASIDE = r"(?:\s*\([^()]{0,80}\)|,?\s+(?:on\s+)?\d[\d/.-]{5,9})*"

_BY = re.compile(
    rf"\b(?:{SUPERSEDED}{ASIDE}[\s-]+by\b|(?:{SUPERSEDED_BY})(?!\w))"
    rf"|^[^\w\n]*{SUPERSEDED}\b[ :,.(–—→>-]*(?:(?:see(?: also)?|with|in favou?r of)\b)?[ :]*"
    r"(?=\[|ADR|#\d|\d{1,5}\b(?!-\d))"
    r"|(?:被|由(?!于))(?=[^，。;；\n]*(?:取代|替代|替换))"
    r"|已被?(?:取代|替代)者?[\s:：,，(（]*(?:[详参]?见|→|->)?\s*(?=\[|ADR|#?\d)",
    re.I | re.M,
)
_OVER = re.compile(
    r"\b(?:supersedes|supercedes|superseeds|replaces|obsoletes)\b"
    r"|(?<![已被])(?:取代|替代)了?\s*[:：]?(?=.)",
    re.I,
)
# Japanese and Korean name the other record first: ADR-2 に置き換え, ADR-2로 대체.
_NAMED_FIRST = re.compile(
    r"([^。;；\n]{0,300}?)"
    r"(?:(?P<by>(?:によって|により|に|へ)\s*(?:置き換え|置換)|(?:으로|로|에 의해)\s*대체)"
    r"|(?P<over>を\s*(?:置き換え|置換)|[을를]\s*대체))"
)
_OTHER = re.compile(
    r"\b(?:amends|amended|clarifies|relates|related|see|extends|extended|depends|refines)\b", re.I
)
# What is superseded in part still holds, so it is not superseded.
_PARTLY = re.compile(
    r"\b(?:partial(?:ly)?|partly|mostly|largely|in[ -]part)\b|部分|局部|一部|일부"
    r"|\b(?:parts?|portions?|aspects?|bits?|some|sections?(?: [\w.]+)?)\b[^.;]{0,20}?\bof\b"
    r"|\bsome (?:aspects|parts)\b",
    re.I,
)
# In "ADR-3 was superseded by ADR-9" the record speaks of another.
_OTHERS = re.compile(r"\b(?:ADR|ARCH)[-_ #]*\d+\)?\s+(?:is|was|are|were|has been)\s+$", re.I)
# Most texts speak of no succession, so that they are asked this first.
_RELATED = re.compile(
    f"supers|superc|replace|obsolete|取代|替代|替换|置き換え|置換|대체|{SUPERSEDED_BY}", re.I
)
_CLAUSE_END = re.compile(r"[.;](?=\s|$)|[。；\n]")
_PASSIVE_END = re.compile("所?(?:取代|替代|替换)")
# The thousands of RFCs are the Internet's: RFC 7519.
_NUMBER = (
    r"(?<![\w.])(?:ADR|ARCH|KEP|DR|RF[CD](?![-_ #]*[1-9]\d{3}))s?[-_ #]*(\d{1,8})(?![\w.]*\.\d)"
    r"|(?<![\w./-])(0\d{2,3})(?=-[A-Za-z\u4e00-\u9fff])"
)
_NUMBERED = re.compile(rf"(?a:{_NUMBER})", re.I)
# Where forges keep what has a number and is no record.
_TRACKER = re.compile(r"/(?:pulls?|issues?|merge_requests|discussions|commits?)/")
_ANY_NUMBER = re.compile(rf"(?a:{_NUMBER}|(?<![\w./-])#?(\d{{1,5}})(?![\w/-]|\.\d))", re.I)
_ONLY_NUMBERS = re.compile(
    r"(?:[\s\d#,;:.&()\[\]\"'、，。；：（）-]|and|及|和|\bADRs?[-_ #]*)*", re.I
)
_FILE = re.compile(r"[\w./-]+\.(?:md|markdown)\b")
_NUMBERED_TITLE = re.compile(r"\s*#?(\d{1,5})(?:\.\s|\s*$)")
_DATED_STEM = re.compile(
    rf"(?:(?:adr|{SERIES})[-_. ])?(?:\d{{8}}|\d{{4}}-\d{{2}}-\d{{2}})(?=[-_. ]|$)", re.I
)
_MONTH_STEM = re.compile(r"(?:19|20)\d\d-?(?:0[1-9]|1[0-2])(?=[-_. ]|$)")
_NUMBER_AFTER_DAY = re.compile(r"[-_. ](?:adr[-_. ]?)?(0\d{2,4})(?=[-_. ]|$)", re.I)
_STEM_NUMBER = re.compile(
    r"^(\d{1,6})(?=[-_. ]|$)"
    rf"|^(?!RFC\D?[1-9]\d{{3}}|\D{{6,8}}\D(?:19|20)\d\d)(?:{SERIES})[-_. ]?(\d{{1,6}})(?=[-_. ]|$)"
    r"|(?:^|[-_. ])adr[-_. ]?(\d{1,6})(?=[-_. ]|$)"
    r"|(?:^|[-_. ])adr[-_. ](?:[a-z]+[-_. ]){1,2}(\d{3,6})(?=[-_. ]|$)",
    re.I,
)
_NUMBERED_FOLDER = re.compile(r"\.\.?/(?:[\w.-]+/)*\d{1,6}-[\w-]+/?")
_FRONT_PAGES = ("index", "readme")
_STEM_PREFIX = re.compile(r"^[A-Z]{2,8}[-_](\d{1,6})(?=[-_. ]|$)")


def identify(stem: str) -> tuple[int | None, datetime.date | None]:
    """The number and the day that a file's stem starts with; `None` for what it does not have.

    >>> identify("0001-x"), identify("ADR-8"), identify("ODH-ADR-Operator-0007-x")
    ((1, None), (8, None), (7, None))
    >>> identify("20200925-x"), identify("2020-09-25_007-x")
    ((None, datetime.date(2020, 9, 25)), (7, datetime.date(2020, 9, 25)))
    """
    if (dated := _DATED_STEM.match(stem)) and (day := read_date(dated[0])):
        after = _NUMBER_AFTER_DAY.match(stem, dated.end())
        return int(after[1]) if after else None, day
    if _MONTH_STEM.match(stem):
        return None, None
    if match := _STEM_NUMBER.search(stem):
        return int(next(group for group in match.groups() if group)), None
    if match := _STEM_PREFIX.match(stem):
        return int(match[1]), None
    return None, None


def stem_of(file: PurePath) -> str:
    """What carries a record's number: the file's stem; its folder's name for a front page there.

    >>> stem_of(PurePath("adr/0001-x.md")), stem_of(PurePath("adr/0001-x/README.md"))
    ('0001-x', '0001-x')
    >>> stem_of(PurePath("adr/README.md"))
    'README'
    """
    stem = file.stem
    if stem.lower() in _FRONT_PAGES and identify(file.parent.name) != (None, None):
        return file.parent.name
    return stem


def references(text: str) -> tuple[str, ...]:
    """Ids of the records that `text` names, in order: by link, by number, or by file name.

    >>> references("[ADR-0005](0005-example.md), ADR 7 and 9")
    ('ADR-0005', 'ADR-0007', 'ADR-0009')
    """
    found: dict[str, None] = {}
    text = text[:MAX_CHARACTERS]
    for match in LINK.finditer(text):
        if name := _from_link(match[1], match[2] or match[3] or ""):
            found[name] = None
    # Of `[ADR-0005][1]`, the `[1]` only says where the link goes.
    rest = re.sub(r"\]\[[^\]\n]*\]|`", lambda m: m[0][:1].strip("`"), LINK.sub(" ", text))
    rest = re.sub(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?![\w-])", " ", rest)
    for match in _FILE.finditer(rest):
        found[_from_file(match[0])] = None
    for line in _FILE.sub(" ", rest).split("\n"):
        # A bare number is a record only where nothing else is said: not in "since release 3".
        pattern = _ANY_NUMBER if _ONLY_NUMBERS.fullmatch(line) else _NUMBERED
        for match in pattern.finditer(line):
            found[f"ADR-{int(next(filter(None, match.groups()))):04d}"] = None
    if not found and (stem := re.fullmatch(r"\W*(\d{8}-[\w-]+)\W*", rest)):
        found[stem[1]] = None
    return tuple(found)


def _from_link(label: str, target: str) -> str | None:
    name = unquote(target.partition("#")[0])
    if name.lower().endswith((".md", ".markdown")) or ("/" not in name and name):
        return _from_file(name)
    if _NUMBERED_FOLDER.fullmatch(name):
        return _from_file(f"{name.rstrip('/')}/index.md")
    request = _TRACKER.search(name) or ("://" in name and label.lstrip().startswith("#"))
    if numbered := _NUMBERED.search(label):
        return f"ADR-{int(numbered[1] or numbered[2]):04d}"
    if not request and (numbered := _NUMBERED_TITLE.match(label)):
        return f"ADR-{int(numbered[1]):04d}"
    return None


def _from_file(name: str) -> str:
    stem = stem_of(PurePath(name)) if name.lower().endswith((".md", ".markdown")) else name
    number, _ = identify(stem)
    return stem if number is None else f"ADR-{number:04d}"


def relations(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids that `text` says it supersedes, and ids that it says supersede it.

    What is superseded in part is in neither.

    >>> relations("Superseded by [3. Redis](0003-redis.md). Supersedes ADR-0001")
    (('ADR-0001',), ('ADR-0003',))
    >>> relations("Supersedes the storage part of ADR-0001")
    ((), ())
    """
    text = text[:MAX_CHARACTERS]
    if not _RELATED.search(text):
        return (), ()
    words = _masked(text)
    marks = sorted(_marks(words))
    found: dict[str, dict[str, None]] = {"by": {}, "over": {}, "other": {}}
    for index, (start, end, kind) in enumerate(marks):
        stop = marks[index + 1][0] if index + 1 < len(marks) else len(text)
        named = text[end:stop]
        if text[start:end] in ("被", "由"):
            named = _PASSIVE_END.split(named)[0]
        if _PARTLY.search(_clause(words, start)) or _OTHERS.search(words[:start]):
            kind = "other"
        found[kind] |= dict.fromkeys(references(named))
    for match in _NAMED_FIRST.finditer(words):
        if not _PARTLY.search(_clause(words, match.start())):
            kind = "by" if match["by"] else "over"
            found[kind] |= dict.fromkeys(references(text[slice(*match.span(1))]))
    return tuple(found["over"]), tuple(found["by"])


def _marks(text: str) -> Iterator[tuple[int, int, str]]:
    """Where `text` starts to speak of one relation: its start, its end, and which one it is."""
    taken: list[range] = []
    for kind, pattern in (("by", _BY), ("over", _OVER), ("other", _OTHER)):
        for match in pattern.finditer(text):
            start, end = match.span()
            if not any(start in span for span in taken) and not (
                kind == "over" and _closes(text, start)
            ):
                taken.append(range(start, end))
                yield start, end, kind


def _closes(text: str, place: int) -> bool:
    """Whether the 取代 at `place` ends a 被 … 取代, and so is no relation of its own."""
    clause = re.split(r"[，。;；\n]", text[:place])[-1]
    return bool(re.search("被|由(?!于)", clause))


def _clause(text: str, place: int) -> str:
    """The clause of `text` around `place`."""
    ends = [match.start() for match in _CLAUSE_END.finditer(text)]
    start = max((end + 1 for end in ends if end < place), default=0)
    return text[start : min((end for end in ends if end >= place), default=len(text))]


def _masked(text: str) -> str:
    """The text with its links and file names blanked: their words are other records' titles."""
    for pattern in (LINK, _FILE):
        text = pattern.sub(lambda match: match[0][0] + "_" * (len(match[0]) - 1), text)
    return text
