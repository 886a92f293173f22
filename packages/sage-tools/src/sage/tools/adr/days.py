"""The days that records write, in every order met in the wild."""

import datetime
import re
from functools import lru_cache

__all__ = ["doubt_of", "read_date"]

# A date is short; what follows is not read.
MAX_CHARACTERS = 1000

_ISO = r"(?<!\d)(\d{4})(?:[-/.]|\. )(\d{1,2})(?:[-/.]|\. )(\d{1,2})(?!\d)"
_COMPACT = r"(?<!\d)(\d{4})(\d{2})(\d{2})(?!\d)"
_HAN = r"(\d{4})\s*[年년]\s*(\d{1,2})\s*[月월]\s*(\d{1,2})\s*[日일]"
_GERMAN = r"(?<![\d.])(\d{1,2})\.(\d{1,2})\.(\d{4})(?!\d)"
_EITHER = r"(?<![\d/-])(\d{1,2})([-/])(\d{1,2})\2(\d{4})(?![\d/-])"
_NAMES = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)
# How the months start: in English, then in the languages whose statuses are read (tongues.py).
_MONTHS = {name[:3].lower(): number for number, name in enumerate(_NAMES, start=1)} | {
    **dict.fromkeys(("ene", "gen", "янв"), 1),
    **dict.fromkeys(("fev", "fév", "фев"), 2),
    **dict.fromkeys(("mär", "мар"), 3),
    **dict.fromkeys(("abr", "avr", "апр"), 4),
    **dict.fromkeys(("mai", "mag", "мая"), 5),
    **dict.fromkeys(("juin", "giu", "июн"), 6),
    **dict.fromkeys(("juil", "lug", "июл"), 7),
    **dict.fromkeys(("ago", "aoû", "aou", "авг"), 8),
    **dict.fromkeys(("set", "сен"), 9),
    **dict.fromkeys(("okt", "out", "ott", "окт"), 10),
    **dict.fromkeys(("ноя",), 11),
    **dict.fromkeys(("dic", "dez", "déc", "дек"), 12),
}
_MONTH = rf"({'|'.join(_MONTHS)})[^\W\d_]*\.?"
_DAY_FIRST = (
    r"(?i)(?<!\d)(\d{1,2})(?:st|nd|rd|th|er|º|\.)?(?: of| de)?[ -]"
    rf"{_MONTH}(?: de)?,?[ -](\d{{4}})"
)
_YEAR_FIRST = rf"(?i)(?<!\d)(\d{{4}})[ -]{_MONTH}[ -](\d{{1,2}})(?!\d)"
_MONTH_FIRST = rf"(?i)\b{_MONTH} (\d{{1,2}})(?:st|nd|rd|th)?,? (\d{{4}})"
# Each with the places of its year, month and day. Compiled when first needed: most logs need one.
_ORDERS = (
    (_ISO, (1, 2, 3)),
    (_HAN, (1, 2, 3)),
    (_GERMAN, (3, 2, 1)),
    (_YEAR_FIRST, (1, 2, 3)),
    (_DAY_FIRST, (3, 2, 1)),
    (_MONTH_FIRST, (3, 1, 2)),
    (_COMPACT, (1, 2, 3)),
)


@lru_cache(maxsize=4096)
def read_date(text: str) -> datetime.date | None:
    """The first day that `text` names; `None` where it names none, or one that can be doubted.

    A day such as 01/02/2024 has two readings, so it has none here; 31/02/2024 has none at all, and
    22/10/2024 has one.

    >>> read_date("Accepted on 5 January 2024")
    datetime.date(2024, 1, 5)
    >>> read_date("22 de octubre de 2025"), read_date("22. Mai 2025")
    (datetime.date(2025, 10, 22), datetime.date(2025, 5, 22))
    >>> read_date("2025-13-40") is None and read_date("01/02/2024") is None
    True
    """
    text = text[:MAX_CHARACTERS]
    for pattern, order in _ORDERS:
        if match := re.search(pattern, text):
            return _day(*(match[place] for place in order))
    if match := re.search(_EITHER, text):
        days = {_day(match[4], *pair) for pair in ((match[1], match[3]), (match[3], match[1]))}
        days.discard(None)
        return days.pop() if len(days) == 1 else None
    return None


def _day(year: str, month: str, day: str) -> datetime.date | None:
    try:
        return datetime.date(int(year), _month(month), int(day))
    except ValueError:
        return None


def doubt_of(text: str) -> str:
    """Why `text` names no day, as the end of a sentence; for a text of which `read_date` is `None`.

    >>> doubt_of("2025-13-45"), doubt_of("2025-02-30")
    ('there is no month 13', 'February 2025 has 28 days, not 30')
    >>> doubt_of("01/02/2024"), doubt_of("27/06/23")
    ('it is 2 January or 1 February 2024', 'its year has two digits')
    >>> doubt_of("November 2024")
    'it is a whole month'
    """
    text = text[:MAX_CHARACTERS]
    for pattern, order in _ORDERS:
        if match := re.search(pattern, text):
            return _fault(*(match[place] for place in order))
    if match := re.search(_EITHER, text):
        first, second, year = int(match[1]), int(match[3]), match[4]
        if max(first, second) > 12 or min(first, second) < 1:
            return _fault(year, str(min(first, second)), str(max(first, second)))
        return f"it is {second} {_NAMES[first - 1]} or {first} {_NAMES[second - 1]} {year}"
    if re.search(r"(?<!\d)\d{1,2}[-/.]\d{1,2}[-/.]\d{2}(?!\d)", text):
        return "its year has two digits"
    month = (
        rf"(?<!\d)\d{{4}}(?:[-/.]\d{{1,2}}|年\s*\d{{1,2}}\s*月)(?!\d)|\b{_MONTH},? \d{{4}}(?!\d)"
    )
    if re.search(month, text, re.I):
        return "it is a whole month"
    return "it names no day"


def _fault(year: str, month: str, day: str) -> str:
    number = _month(month)
    if not int(year):
        return "there is no year 0"
    if not 1 <= number <= 12:
        return f"there is no month {number}"
    last = next(last for last in (31, 30, 29, 28) if _day(year, month, str(last)))
    return f"{_NAMES[number - 1]} {int(year)} has {last} days, not {int(day)}"


def _month(written: str) -> int:
    return int(written) if written.isdecimal() else _MONTHS[written.lower()]
