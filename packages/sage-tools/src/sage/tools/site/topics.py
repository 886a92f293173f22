"""Topic pages: the records of one layer, or of one tag."""

import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, replace
from hashlib import sha256
from typing import Literal

from sage.tools.adr.record import Record
from sage.tools.site.words import words

__all__ = ["Topic", "find_topics", "topics_address"]


@dataclass(frozen=True, slots=True)
class Topic:
    """One layer or tag, and how many records have it.

    Attributes:
        kind: `"layer"` or `"tag"`.
        value: As the records write it.
        slug: Its name in addresses; unique, whatever the records write.
        count: How many records have it.
        language: The language of its page.
    """

    kind: Literal["layer", "tag"]
    value: str
    slug: str
    count: int
    language: str = "en"

    @property
    def address(self) -> str:
        """The page's address below the site's root, in its language."""
        return topics_address(self.language) + f"{self.slug}/"

    @property
    def label(self) -> str:
        """The page's heading."""
        return words(self.language)[f"topic_{self.kind}"].format(name=self.value)

    def spoken(self, language: str) -> "Topic":
        """The same topic in another language."""
        return self if language == self.language else replace(self, language=language)

    def holds(self, record: Record) -> bool:
        """Whether the record belongs here."""
        return self.value in (record.layers if self.kind == "layer" else record.tags)


def find_topics(records: Sequence[Record]) -> tuple[Topic, ...]:
    """The layers and tags of the records: layers by name, tags by how many records have them."""
    layers = Counter(layer for record in records for layer in dict.fromkeys(record.layers))
    tags = Counter(tag for record in records for tag in dict.fromkeys(record.tags))
    found = [Topic("layer", name, _slug("layer", name), layers[name]) for name in sorted(layers)]
    ordered = sorted(tags, key=lambda name: (-tags[name], name))
    return (*found, *(Topic("tag", name, _slug("tag", name), tags[name]) for name in ordered))


def topics_address(language: str) -> str:
    """The address of the page that lists all topics, below the site's root."""
    return ("" if language == "en" else f"{language}/") + "adr/topics/"


def _slug(kind: str, value: str) -> str:
    if re.fullmatch(r"[A-Za-z0-9][A-Za-z0-9._-]{0,60}", value):
        return f"{kind}-{value}"
    return f"{kind}-{sha256(value.encode('utf-8', 'replace')).hexdigest()[:10]}"
