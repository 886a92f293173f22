"""Circles among packages."""

from collections.abc import Iterable, Mapping

__all__ = ["find_cycle", "find_groups"]


def find_groups(links: Mapping[str, Iterable[str]]) -> list[tuple[str, ...]]:
    """Groups of two or more names that all reach each other, each sorted, in sorted order.

    >>> find_groups({"a": ["b"], "b": ["a", "c"], "c": []})
    [('a', 'b')]
    """
    reach = {name: _reach(name, links) for name in links}
    groups = {
        tuple(sorted(other for other in seen if name in reach.get(other, ())))
        for name, seen in reach.items()
        if name in seen
    }
    return sorted(group for group in groups if len(group) > 1)


def find_cycle(links: Mapping[str, Iterable[str]], start: str, within: Iterable[str]) -> list[str]:
    """The shortest way from `start` back to itself through `within`; ends with `start`.

    >>> find_cycle({"a": ["b", "c"], "b": ["c"], "c": ["a"]}, "a", "abc")
    ['a', 'c', 'a']
    """
    inside = set(within)
    ways = [[start]]
    seen = {start}
    for way in ways:
        for name in sorted(links.get(way[-1], ())):
            if name == start and len(way) > 1:
                return [*way, start]
            if name in inside and name not in seen:
                seen.add(name)
                ways.append([*way, name])
    return []


def _reach(start: str, links: Mapping[str, Iterable[str]]) -> set[str]:
    seen: set[str] = set()
    todo = list(links.get(start, ()))
    while todo:
        name = todo.pop()
        if name not in seen:
            seen.add(name)
            todo += links.get(name, ())
    return seen
