"""Numbers and states of layers and packages that pages claim, against what layer.yaml says.

A page may say "eleven packages on six layers". When a package is added, such a sentence quietly
becomes false. So does "there is no L2" in a page that nobody has read again since.
"""

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from sage.tools.finding import CannotBegin, Finding

__all__ = ["CODES", "Facts", "check_claims", "find_pages"]

CODES: Mapping[str, str] = {
    "wrong-number": "a page states a number of packages or layers that layer.yaml does not have",
    "wrong-layer": "a page puts a package on a layer other than its own",
    "layer-denied": "a page says that a layer is missing that layer.yaml has",
    "unreadable-page": "a page could not be read",
}

_ENGLISH = """zero one two three four five six seven eight nine ten eleven twelve thirteen
fourteen fifteen sixteen seventeen eighteen nineteen twenty"""
_CHINESE = {"四": 4, "五": 5, "六": 6, "七": 7, "八": 8, "九": 9, "十": 10, "十一": 11, "十二": 12}
_WORDS = {word: number for number, word in enumerate(_ENGLISH.split())} | _CHINESE
_NUMBER = rf"(?P<number>\d{{1,3}}|{'|'.join(sorted(_WORDS, key=len, reverse=True))})"
_COUNT = re.compile(
    rf"(?<![A-Za-z0-9_.#/十-]){_NUMBER}(?:[\s-]+|\s*个\s*|\s*层|\s*)"
    r"(?:(?:SAGE|documented|installable|Python|distribution|core|architecture)[\s-]+)?"
    r"(?P<what>packages?\b|layers?\b|包|层(?:架构|级)?|个?层级)",
    re.IGNORECASE,
)
_FENCE = re.compile(r"^\s*(?:>\s*)*(`{3,}|~{3,})")
_HEADING = re.compile(r"^(#{1,6})\s+(.*?)\s*#*$")
_PAST_LINE = re.compile(r"\badr:\s*(?:past|elsewhere)\b")
# What was, what others said, and what was weighed and not taken.
_PAST_SECTIONS = ("provenance", "history", "considered options", "出处", "来源", "历史", "考虑过")
_QUOTED = re.compile(r"“[^”]*”|「[^」]*」|\"[^\"]*\"|`[^`]*`|<!--.*?-->")
# "A page that says that L2 is missing" does not say so itself.
_SAYING = re.compile(
    r"\b(?:say|says|said|saying|state|states|claim|claims)\s+(?:that\s+)?$"
    r"|(?:说|写着|声称|认为|称|断言|把)(?:了|着)?\s*$"
)
_CELLS = re.compile(r"^\s*\|")
# From here on a sentence is about few things at hand ("two packages"), not about the whole.
_SMALLEST = {"packages": 4, "layers": 3}
# And up to here: "used by 119 packages" speaks of the world, not of this repository.
_LARGEST = 30


@dataclass(frozen=True, slots=True)
class Facts:
    """What layer.yaml says, as far as pages state it.

    Attributes:
        layers: Names of the layers, bottom to top.
        packages: Package → its layer.
        present: How many of the packages are in this repository.
    """

    layers: tuple[str, ...]
    packages: Mapping[str, str]
    present: int


def find_pages(root: Path, folders: Sequence[str]) -> list[Path]:
    """Every Markdown page under the folders, and those folders that are themselves a page."""
    found: dict[Path, None] = {}
    for name in folders:
        place = root / name
        pages = sorted(place.rglob("*.md")) if place.is_dir() else [place]
        found |= dict.fromkeys(page for page in pages if page.is_file())
    return list(found)


def check_claims(root: Path, pages: Iterable[Path], facts: Facts) -> list[Finding]:
    """What pages claim about packages and layers and layer.yaml does not bear out, sorted.

    Passed over, since they speak of something else: code blocks, quotations (`>`, quotation
    marks), front matter, sections called Provenance, History or Considered options, lines that
    carry `<!-- adr: past -->`, and records that are superseded.

    Args:
        root: The repository; paths in findings are relative to it.
        pages: Markdown files.
        facts: What layer.yaml says.

    >>> facts = Facts(("L1", "L2"), {"a": "L1"}, 1)
    >>> claims_in("SAGE has five layers.", "x.md", facts)[0].message.split(";")[0]
    'says five layers, and layer.yaml has 2'
    """
    findings: list[Finding] = []
    for page in pages:
        path = page.relative_to(root).as_posix()
        try:
            text = page.read_text("utf-8-sig")
        except UnicodeDecodeError as error:
            message = f"is not UTF-8 (byte {error.start})"
            findings.append(Finding(path, 0, "unreadable-page", message))
        except OSError as error:
            message = f"cannot be read: {error.strerror}"
            findings.append(Finding(path, 0, "unreadable-page", message))
        else:
            findings += claims_in(text, path, facts)
    return sorted(set(findings))


def claims_in(text: str, path: str, facts: Facts) -> list[Finding]:
    """The findings in one page's text."""
    if not facts.layers:
        raise CannotBegin("layer.yaml names no layer, so there is nothing to hold pages to")
    checks = (_numbers, _places, _denials)
    return [
        Finding(path, number, code, message)
        for number, line in _present(text, facts.packages)
        for check in checks
        for code, message in check(line, facts)
    ]


def _present(text: str, names: Iterable[str]) -> Iterator[tuple[int, str]]:
    """The lines that state something about today, with quotations blanked out.

    A package's name in backticks, one of `names`, is no quotation.
    """
    written = {f"`{name}`" for name in names}

    def blank(found: re.Match[str]) -> str:
        return found[0] if found[0] in written else " " * len(found[0])

    lines = text.splitlines()
    start = _after_front_matter(lines)
    if any(re.match(r"status:\s*['\"]?(superseded|rejected|deprecated)", x) for x in lines[:start]):
        return
    fence, past = "", 0
    for number, line in enumerate(lines[start:], start + 1):
        if match := _FENCE.match(line):
            mark = match[1]
            if not fence:
                fence = mark
            elif mark[0] == fence[0] and len(mark) >= len(fence):
                fence = ""
            continue
        if fence:
            continue
        if heading := _HEADING.match(line):
            level = len(heading[1])
            if past and level <= past:
                past = 0
            if heading[2].lower().startswith(_PAST_SECTIONS):
                past = past or level
        if past or line.lstrip().startswith(">") or _PAST_LINE.search(line):
            continue
        yield number, _QUOTED.sub(blank, line)


def _after_front_matter(lines: Sequence[str]) -> int:
    if lines and lines[0].strip() == "---":
        for number, line in enumerate(lines[1:], 1):
            if line.strip() == "---":
                return number + 1
    return 0


def _numbers(line: str, facts: Facts) -> Iterator[tuple[str, str]]:
    right = {
        "packages": {len(facts.packages), facts.present},
        "layers": {len(facts.layers)},
    }
    for match in _COUNT.finditer(line):
        word, what = match["number"].lower(), match["what"].lower()
        number = int(word) if word.isdigit() else _WORDS[word]
        kind = "packages" if what.startswith("package") or what == "包" else "layers"
        largest = max(_LARGEST, 2 * max(right[kind]))
        if not _SMALLEST[kind] <= number <= largest or number in right[kind]:
            continue
        known = " or ".join(str(one) for one in sorted(right[kind], reverse=True))
        message = f"says {match[0].strip()}, and layer.yaml has {known}; {_ADVICE}"
        yield "wrong-number", message


def _places(line: str, facts: Facts) -> Iterator[tuple[str, str]]:
    """`sage-platform (L3)`, or table rows that begin with a package and hold one layer."""
    layers = _layer_pattern(facts.layers)
    for name, layer in facts.packages.items():
        if name not in line:
            continue
        here = rf"(?<![\w-]){re.escape(name)}(?![\w-])[`*]{{0,3}}"
        stated = re.findall(rf"{here}\s*[（(](?:layer\s+|层\s*)?({layers})[)）]", line)
        if _CELLS.match(line):
            row = rf"\s*\|[^|]*{here}[^|]*\|\s*\*{{0,2}}({layers})\*{{0,2}}\s*\|"
            stated += re.findall(rf"\A{row}", line)
        for wrong in dict.fromkeys(one for one in stated if one != layer):
            message = f"puts {name} on {wrong}, and layer.yaml on {layer}; {_ADVICE}"
            yield "wrong-layer", message


def _layer_pattern(layers: Sequence[str]) -> str:
    """Matches the layers, and where all are numbered alike, those of other numbers too."""
    starts = {layer.rstrip("0123456789") for layer in layers}
    if len(starts) == 1 and not starts & set(layers):
        return rf"{re.escape(starts.pop())}\d+"
    return "|".join(re.escape(layer) for layer in layers)


def _denials(line: str, facts: Facts) -> Iterator[tuple[str, str]]:
    for layer in facts.layers:
        if layer.lower() not in line.lower():
            continue
        name = re.escape(layer)
        patterns = (
            rf"\b(?:no|lacks?(?: an?)?)\s+(?:layer\s+)?{name}\b"
            r"(?!\s*(?:→|->|-|–|/|module|package|code|import|depend|file|queue|to\b))",
            rf"\b{name}(?:\s+layer)?\s+(?:is|was|are)\s+(?:still\s+|yet\s+)?"
            r"(?:missing|absent|unnecessary|not\s+(?:needed|there|yet|part))",
            rf"\b{name}(?:\s+layer)?\s+(?:does|did)\s+not\s+exist",
            rf"\bmissing\s+{name}\b",
            rf"(?:缺失|缺少|无需引入|不存在|不需要)\s*{name}(?!\s*(?:→|到|的|对|导入))",
            rf"(?:没有|无)\s*{name}\s*(?:层|(?=[，。；、,.;]|$))",
            rf"{name}\s*层?(?:缺失|不存在|暂未需要|尚未|并不存在)",
        )
        for pattern in patterns:
            match = re.search(pattern, line, re.IGNORECASE)
            if match and not _SAYING.search(line[: match.start()]):
                message = f"says {match[0].strip()!r}, and layer.yaml has {layer}; {_ADVICE}"
                yield "layer-denied", message
                break


_ADVICE = "correct the page, or mark the line with <!-- adr: past --> if it speaks of the past"
