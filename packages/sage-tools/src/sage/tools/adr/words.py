"""What the words of a status mean."""

import re
from functools import lru_cache

from sage.tools.adr.days import read_date
from sage.tools.adr.record import Status
from sage.tools.adr.references import ASIDE, LINK, SUPERSEDED
from sage.tools.adr.tongues import CHINESE, MEANING, SUPERSEDED_BY

# adr: off (the numbers here are examples)

__all__ = ["STATUSES", "read_status"]

# A status is short; what follows is not read.
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

_SPELLED: dict[str, Status] = {
    **MEANING,
    **dict.fromkeys(("draft", "wip"), "draft"),
    **dict.fromkeys(
        (
            "proposed",
            "proposal",
            *("pending", "incomplete", "last call", "request for comments"),
            *("in progress", "in-progress", "inprogress", "in review", "in-review"),
            *("under review", "ready for review", "awaiting review", "awaiting approval"),
            *("in discussion", "under discussion", "under consideration"),
        ),
        "proposed",
    ),
    **dict.fromkeys(
        (
            *("accepted", "approved", "adopted", "agreed", "decided", "ratified", "confirmed"),
            *("implemented", "active", "done", "complete", "completed", "final", "in force"),
        ),
        "accepted",
    ),
    **dict.fromkeys(("rejected", "declined", "denied"), "rejected"),
    **dict.fromkeys(("deprecated", "depreciated", "obsolete", "retired", "outdated"), "deprecated"),
    **dict.fromkeys(
        ("superseded", "superceded", "superseeded", "superceeded", "replaced"), "superseded"
    ),
}
_CHINESE = {word: status for status, words in CHINESE.items() for word in words}
_BY_LENGTH = sorted(_SPELLED, key=len, reverse=True)
_HEAD = re.compile(rf"({'|'.join(map(re.escape, _BY_LENGTH))})(?![\w-])(.*)", re.S)
_CHINESE_WORD = "|".join(sorted(_CHINESE, key=len, reverse=True))
# These two are compiled by the first text that needs them.
_CHINESE_HEAD = rf"(?s)({_CHINESE_WORD})(?=$|[\s,，.。;；:：()（）/|→并且-])(.*)"
# A bare 取代 says what the record supersedes.
_CHINESE_RIVAL = rf"(?!取代|替代)(?:{_CHINESE_WORD})"
_CHINESE_SUPERSEDED = re.compile(
    r"已?(?:被|由(?!于))\s*[^\s，。；][^，。；]{0,200}(?:取代|替代|替换)"
)
_SUPERSEDED = re.compile(
    rf"\b(?:{SUPERSEDED}{ASIDE}[\s-]+by\b|(?:{SUPERSEDED_BY})(?!\w))"
    r"|に(?:より|よって)?(?:置き換え|置換|差し替え)|(?:으?로|에 의해)\s*대체"
)
_SUCCESSOR = re.compile(
    rf"(?:(?!\badr\b).)*\b{SUPERSEDED}[\s-]+by\s+(?:#?\d|\[|adrs?\b)|\D*(?:被|由(?!于))"
)
_SENTENCE = re.compile(r"[.;](?=\s|$)\s*|[。；]\s*")
_DOUBT = re.compile(r"\b(?:partial(?:ly)?|partly|mostly|largely|in part)\b|\?|部分")
_UNDONE = re.compile(r"\b(?:reverted|withdrawn|abandoned)\b")
_HEDGE = re.compile(
    r"\b(?:not|never|may|might|could|will|would|should|until|unless|if|when|once|to be)\b"
    r"|\b(?:partial(?:ly)?|partly|mostly|largely)\b|[{|]|部分|将|未|可能"
)
_CHOICE = re.compile(r"\s*[|/{}]\s*")
_BUILT = re.compile(
    r"\b(?:not|partial(?:ly)?|partly)(?: yet)?[\s-]+"
    r"(?:implement|complete|done|deploy|roll|migrat|accept|approv|adopt|reject)\w*"
    r"|(?:部分|尚未|未|已)(?:实施|实现|完成|部署|上线)"
)
_STRONG = re.compile(
    r"\b(?:draft|proposed|accepted|approved|adopted|rejected|declined|deprecated|obsolete"
    rf"|{'|'.join(MEANING)})\b"
)
_ARROW = re.compile(r"\s*(?:[-=]+>|→|➔|⇒)\s*")
_STRUCK = re.compile(r"~~.*?~~|<(?:del|s)>.*?</(?:del|s)>", re.I)
_TAG = re.compile(r"</?[A-Za-z][^<>]*>")
_SHORTCODE = re.compile(r":[a-z0-9_+]+:")
_LABEL = re.compile(r"^(?:current )?(?:status|状态)\s*[:：]\s*")
_LEADING_DATE = re.compile(
    r"^[(\[]?\d{4}(?:[-/.]\d{1,2}[-/.]\d{1,2}|年\d{1,2}月\d{1,2}日)[)\]]?\s*[:：,，|–—-]*\s*"
)


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
    if not plain:
        return "unknown"
    first, *later = _SENTENCE.split(plain)
    for sentence in (first, *filter(_SUCCESSOR.match, later)):
        if (ended := _superseded(sentence)) is not None:
            return ended
    if _UNDONE.search(plain):
        return "unknown"
    *earlier, last = _ARROW.split(plain)
    if earlier and read_date(last) and all(map(_read, earlier)):
        return _read(last) or "unknown"
    # What follows the first sentence says why, unless it starts with a status of its own.
    status = _read(first) or "unknown"
    return "unknown" if {_read(each) for each in later} - {None, status} else status


def _superseded(sentence: str) -> Status | None:
    judged = _BUILT.sub("", sentence)
    passive = _CHINESE_SUPERSEDED.search(judged) or _SUPERSEDED.search(judged)
    if passive is None:
        return None
    return "unknown" if _hedged(judged[: passive.start()]) else "superseded"


def _read(sentence: str) -> Status | None:
    """The status that a sentence starts with; `None` where it starts with none."""
    match = None if sentence.isascii() else re.match(_CHINESE_HEAD, sentence)
    match = match or _HEAD.match(sentence)
    if match is None:
        return None
    rest = _BUILT.sub("", match[2])
    outside = re.sub(r"[(（][^()（）]*[)）]", "", rest)
    if match[1] in ("取代", "替代") and outside.strip(" :："):
        return None
    if match[1] in _SPELLED:
        chosen = _SPELLED[match[1]]
        rivals = {_SPELLED[word] for word in _STRONG.findall(outside)}
    else:
        chosen = _CHINESE[match[1]]
        rivals = {_CHINESE[word] for word in re.findall(_CHINESE_RIVAL, outside)}
    doubted = _DOUBT.search(rest) or rivals - {chosen}
    if doubted or (_CHOICE.match(rest) and not _agreed(rest, chosen)):
        return "unknown"
    return chosen


def _agreed(choices: str, chosen: Status) -> bool:
    """Whether each of several words with `/` between them means the same."""
    words = [word for word in _CHOICE.split(choices) if word.strip()]
    return bool(words) and all(_read(word.strip()) == chosen for word in words)


def _hedged(before: str) -> bool:
    return bool(_HEDGE.search(before))


def _plain(text: str) -> str:
    text = _STRUCK.sub(" ", text)
    # The point in a link's words, "3. Use Redis", ends no sentence.
    text = LINK.sub(lambda link: link[1].replace(".", " "), text)
    text = _TAG.sub(" ", text)
    text = _SHORTCODE.sub(" ", text)
    text = "".join(
        c if c.isascii() or c.isalnum() or c in "（），。；：、？→➔⇒" else " " for c in text
    )
    text = re.sub(r"[*_`\"'~]+", "", text).replace("？", "?")
    text = " ".join(text.casefold().split()).strip("| ").lstrip("-+>•#[(.:! ")
    text = _LEADING_DATE.sub("", _LABEL.sub("", text))
    return text.strip()
