"""Links between addresses of the site."""

import pytest

from sage.tools.site.addresses import relative


@pytest.mark.parametrize(
    ("target", "page", "link"),
    [
        ("adr/0002/", "", "adr/0002/"),
        ("adr/0002/", "adr/0001/", "../0002/"),
        ("adr/0002/", "adr/0002/", "./"),
        ("adr/0002/", "adr/", "0002/"),
        ("adr/", "adr/0002/", "../"),
        ("", "adr/0002/", "../../"),
        ("", "", "./"),
        ("adr/feed.xml", "adr/", "feed.xml"),
        ("adr/0002/", "404.html", "adr/0002/"),
        ("adr/0002/#a", "zh/adr/0002/", "../../../adr/0002/#a"),
        ("zh/adr/0002/", "adr/0002/", "../../zh/adr/0002/"),
        ("adr/决策/", "", "adr/%E5%86%B3%E7%AD%96/"),
    ],
)
def test_link_is_relative_to_the_page(target: str, page: str, link: str) -> None:
    assert relative(target, page) == link
