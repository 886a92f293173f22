"""What the words of records mean: statuses, numbers, and references to other records."""

import datetime
import re
from functools import lru_cache
from pathlib import PurePath

from sage.tools.adr.days import read_date
from sage.tools.adr.record import Status

# adr: off (the numbers here are examples)

__all__ = ["STATUSES", "identify", "read_status", "references", "relations", "stem_of"]

# A status or a list of references is short; what follows is not read.
MAX_CHARACTERS = 1000

STATUSES: tuple[Status, ...] = (
    "draft",
    "proposed",
    "accepted",
    "rejected",
    "deprecated",
    "superseded",
    "unknown",
)

_ENGLISH: dict[str, Status] = {
    **dict.fromkeys(("draft", "wip"), "draft"),
    **dict.fromkeys(
        (
            "proposed",
            "proposal",
            "pending",
            "incomplete",
            "in progress",
            "in review",
            "under review",
            "in discussion",
            "under discussion",
            "last call",
        ),
        "proposed",
    ),
    **dict.fromkeys(
        (
            "accepted",
            "approved",
            "implemented",
            "adopted",
            "active",
            "done",
            "decided",
            "agreed",
            "ratified",
            "complete",
            "completed",
        ),
        "accepted",
    ),
    **dict.fromkeys(("rejected", "declined", "denied"), "rejected"),
    **dict.fromkeys(("deprecated", "obsolete"), "deprecated"),
    **dict.fromkeys(("superseded", "superceded", "superseeded", "replaced"), "superseded"),
}
_CHINESE: dict[str, Status] = {
    **dict.fromkeys(("草稿", "草案"), "draft"),
    **dict.fromkeys(
        (
            "提议",
            "提议中",
            "建议",
            "建议中",
            "已提议",
            "提案",
            "进行中",
            "评审中",
            "讨论中",
            "待定",
            "待评审",
            "提議",
            "提議中",
            "已提議",
            "評審中",
            "討論中",
            "未完成",
        ),
        "proposed",
    ),
    **dict.fromkeys(
        (
            "通过",
            "已通过",
            "完成",
            "已完成",
            "接受",
            "已接受",
            "采纳",
            "已采纳",
            "批准",
            "已批准",
            "已实施",
            "已实现",
            "生效",
            "已生效",
            "通過",
            "已通過",
            "採納",
            "已採納",
            "已批準",
            "已核准",
        ),
        "accepted",
    ),
    **dict.fromkeys(
        ("拒绝", "已拒绝", "否决", "已否决", "驳回", "已驳回", "拒絕", "已拒絕"), "rejected"
    ),
    **dict.fromkeys(("弃用", "已弃用", "废弃", "已废弃", "棄用", "已棄用", "已廢棄"), "deprecated"),
    **dict.fromkeys(
        ("取代", "已取代", "被取代", "已被取代", "替代", "已替代", "被替代", "已被替代"),
        "superseded",
    ),
}

_BY_LENGTH = sorted(_ENGLISH, key=len, reverse=True)
_HEAD = re.compile(rf"({'|'.join(map(re.escape, _BY_LENGTH))})(?![\w-])(.*)", re.S)
_CHINESE_HEAD = re.compile(
    rf"({'|'.join(sorted(_CHINESE, key=len, reverse=True))})(?=$|[\s,，.。;；:：()（）/|→-])(.*)",
    re.S,
)
_CHINESE_SUPERSEDED = re.compile(r"已?被\s*\S.{0,200}(?:取代|替代|替换)")
_SUPERSEDED = re.compile(r"\b(?:superseded|superceded|superseeded|replaced)[\s-]+by\b")
_DOUBT = re.compile(r"\b(?:partial(?:ly)?|partly|in part|reverted|withdrawn|abandoned)\b|\?|部分")
_BUILT = re.compile(
    r"\b(?:not|partial(?:ly)?|partly)(?: yet)?[\s-]+"
    r"(?:implement|complete|done|deploy|roll|migrat|accept|approv|adopt|reject)\w*"
)
_CHINESE_BUILT = re.compile(r"(?:部分|尚未|未|已)(?:实施|实现|完成|部署|上线)")
_STRONG = re.compile(
    r"\b(?:draft|proposed|accepted|approved|adopted|rejected|declined|deprecated|obsolete)\b"
)
_LINK = re.compile(r"!?\[([^\]\[]*)\]\(([^)\s]*)[^)]*\)")
_STRUCK = re.compile(r"~~.*?~~|<(?:del|s)>.*?</(?:del|s)>", re.I)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_SHORTCODE = re.compile(r":[a-z0-9_+]+:")
_LABEL = re.compile(r"^(?:current )?(?:status|状态)\s*[:：]\s*")
_LEADING_DATE = re.compile(
    r"^[(\[]?\d{4}(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)[)\]]?\s*[:：,，|–—-]*\s*"
)

_BY = re.compile(
    r"\b(?:superseded|superceded|superseeded|replaced)[\s-]+by\b|被(?=[^，。;；]*(?:取代|替代|替换))"
    r"|(?:已取代|已替代)(?:者)?\s*[:：]",
    re.I,
)
_OVER = re.compile(
    r"\b(?:supersedes|supercedes|superseeds|replaces)\b|(?<![已被])(?:取代|替代)了?\s*[:：]?(?=.)",
    re.I,
)
_OTHER = re.compile(r"\b(?:amends|amended|clarifies|relates|related|see|extends|depends)\b", re.I)
_NUMBERED = re.compile(r"(?<![\w.])(?:ADR|ARCH)[-_ #]*(\d{1,8})(?![\w.]*\.\d)", re.I)
_BARE = re.compile(r"(?<![\w./-])#?(\d{1,5})(?![\w/-]|\.\d)")
# Where forges keep what has a number and is no record.
_TRACKER = re.compile(r"/(?:pulls?|issues?|merge_requests|discussions|commits?)/")
_ANY_NUMBER = re.compile(rf"(?:{_NUMBERED.pattern})|(?:{_BARE.pattern})", re.I)
_ONLY_NUMBERS = re.compile(
    r"(?:[\s\d#,;:.&()\[\]\"'、，。；：（）-]|and|及|和|\bADR[-_ #]*)*", re.I
)
_NUMBERED_TITLE = re.compile(r"\s*#?(\d{1,5})(?:\.\s|\s*$)")
_DATED_STEM = re.compile(r"^(?:\d{8}|\d{4}-\d{2}-\d{2})(?=[-_. ]|$)")
_STEM_NUMBER = re.compile(
    r"^(\d{1,6})(?=[-_. ]|$)"
    r"|(?:^|[-_. ])adr[-_. ]?(\d{1,6})(?=[-_. ]|$)"
    r"|(?:^|[-_. ])adr[-_. ](?:[a-z]+[-_. ]){1,2}(\d{3,6})(?=[-_. ]|$)",
    re.I,
)
_NUMBERED_FOLDER = re.compile(r"\.\.?/(?:[\w.-]+/)*\d{1,6}-[\w-]+/?")
_FRONT_PAGES = ("index", "readme")
_STEM_PREFIX = re.compile(r"^[A-Z]{2,8}[-_](\d{1,6})(?=[-_. ]|$)")


@lru_cache(maxsize=4096)
def read_status(text: str) -> Status:
    """The status that `text` names; `"unknown"` where it names none, or more than one.

    >>> read_status("✅ **Accepted** (2020-01-02)")
    'accepted'
    >>> read_status("Superceded by [3. Use Redis](0003-use-redis.md)")
    'superseded'
    >>> read_status("partially accepted"), read_status("accepted | rejected")
    ('unknown', 'unknown')
    """
    plain = _plain(text[:MAX_CHARACTERS])
    if passive := _CHINESE_SUPERSEDED.search(plain):
        return "unknown" if _hedged(plain[: passive.start()]) else "superseded"
    judged = _BUILT.sub("", plain)
    if by := _SUPERSEDED.search(judged):
        return "unknown" if _hedged(judged[: by.start()]) else "superseded"
    if match := _CHINESE_HEAD.match(plain):
        rest = _CHINESE_BUILT.sub("", re.sub(r"[(（][^()（）]*[)）]", "", match[2]))
        chosen = _CHINESE[match[1]]
        others = {_CHINESE[word] for word in re.findall("|".join(_CHINESE), rest)}
        return "unknown" if _DOUBT.search(rest) or others - {chosen} else chosen
    match = _HEAD.match(plain)
    if match is None:
        return "unknown"
    rest = _BUILT.sub("", match[2])
    outside = re.sub(r"\([^()]*\)", "", rest)
    named = {_ENGLISH[word] for word in _STRONG.findall(outside)}
    if _DOUBT.search(rest) or named - {_ENGLISH[match[1]]} or re.match(r"\s*[|/{}]", rest):
        return "unknown"
    return _ENGLISH[match[1]]


def _hedged(before: str) -> bool:
    hedge = r"\b(?:not|never|may|might|could|will|would|should|partial(?:ly)?|partly|to be)\b|\{|\|"
    return bool(re.search(hedge, before)) or bool(re.search("部分|将|未|可能", before))


def _plain(text: str) -> str:
    text = _STRUCK.sub(" ", text)
    text = _LINK.sub(r"\1", text)
    text = _TAG.sub(" ", text)
    text = _SHORTCODE.sub(" ", text)
    text = "".join(
        c if c.isascii() or c.isalnum() or c in "（），。；：、？" else " " for c in text
    )
    text = re.sub(r"[*_`\"'~]+", "", text).replace("？", "?")
    text = " ".join(text.casefold().split()).strip("| ").lstrip("-+>•#[(.:! ")
    text = _LEADING_DATE.sub("", _LABEL.sub("", text))
    return text.strip()


def identify(stem: str) -> tuple[int | None, datetime.date | None]:
    """The number, or else the day, that a file's stem starts with.

    >>> identify("0001-x"), identify("ADR-8"), identify("ODH-ADR-Operator-0007-x")
    ((1, None), (8, None), (7, None))
    >>> identify("20200925-x")
    (None, datetime.date(2020, 9, 25))
    """
    if (dated := _DATED_STEM.match(stem)) and (day := read_date(dated[0])):
        return None, day
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
    text = text[: 4 * MAX_CHARACTERS]
    for match in _LINK.finditer(text):
        if name := _from_link(match[1], match[2]):
            found[name] = None
    rest = _LINK.sub(" ", text)
    rest = re.sub(r"\d{4}[-/.]\d{1,2}[-/.]\d{1,2}(?![\w-])", " ", rest)
    for match in re.finditer(r"[\w./-]+\.(?:md|markdown)\b", rest):
        found[_from_file(match[0])] = None
    rest = re.sub(r"[\w./-]+\.(?:md|markdown)\b", " ", rest)
    for line in rest.split("\n"):
        # A bare number is a record only where nothing else is said: not in "since release 3".
        pattern = _ANY_NUMBER if _ONLY_NUMBERS.fullmatch(line) else _NUMBERED
        for match in pattern.finditer(line):
            found[f"ADR-{int(next(filter(None, match.groups()))):04d}"] = None
    if not found and (stem := re.fullmatch(r"\W*(\d{8}-[\w-]+)\W*", rest)):
        found[stem[1]] = None
    return tuple(found)


def _from_link(label: str, target: str) -> str | None:
    name = target.partition("#")[0]
    if name.lower().endswith((".md", ".markdown")) or ("/" not in name and name):
        return _from_file(name)
    if _NUMBERED_FOLDER.fullmatch(name):
        return _from_file(f"{name.rstrip('/')}/index.md")
    request = _TRACKER.search(name) or ("://" in name and label.lstrip().startswith("#"))
    if numbered := _NUMBERED.search(label) or (not request and _NUMBERED_TITLE.match(label)):
        return f"ADR-{int(numbered[1]):04d}"
    return None


def _from_file(name: str) -> str:
    stem = stem_of(PurePath(name)) if name.lower().endswith((".md", ".markdown")) else name
    number, _ = identify(stem)
    return stem if number is None else f"ADR-{number:04d}"


def relations(text: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Ids that `text` says it supersedes, and ids that it says supersede it.

    >>> relations("Superseded by [3. Redis](0003-redis.md). Supersedes ADR-0001")
    (('ADR-0001',), ('ADR-0003',))
    """
    text = text[: 4 * MAX_CHARACTERS]
    marks = [(m.start(), m.end(), "by") for m in _BY.finditer(text)]
    taken = [range(start, end) for start, end, _ in marks]
    marks += [
        (m.start(), m.end(), "over")
        for m in _OVER.finditer(text)
        if not any(m.start() in span for span in taken) and not _closes(text, m.start())
    ]
    marks += [(m.start(), m.end(), "other") for m in _OTHER.finditer(text)]
    marks.sort()
    found: dict[str, dict[str, None]] = {"by": {}, "over": {}, "other": {}}
    for index, (_, end, kind) in enumerate(marks):
        stop = marks[index + 1][0] if index + 1 < len(marks) else len(text)
        found[kind] |= dict.fromkeys(references(text[end:stop]))
    return tuple(found["over"]), tuple(found["by"])


def _closes(text: str, place: int) -> bool:
    """Whether the 取代 at `place` ends a 被 … 取代, and so is no relation of its own."""
    clause = re.split(r"[，。;；\n]", text[:place])[-1]
    return "被" in clause
