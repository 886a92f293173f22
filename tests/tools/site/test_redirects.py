"""A page that leads to another: for readers with and without scripts, and never for a search."""

import re

from sage.tools.site.outputs import redirect

PAGE = redirect("adr/0002/", "adr/2/", canonical="https://example.org/adr/0002/")


def test_redirect_is_kept_out_of_searches_and_names_the_page_that_counts() -> None:
    assert '<meta name="robots" content="noindex">' in PAGE
    assert '<link rel="canonical" href="https://example.org/adr/0002/">' in PAGE


def test_redirect_leads_on_with_and_without_scripts() -> None:
    assert '<meta http-equiv="refresh" content="0; url=../0002/">' in PAGE
    assert re.findall('<a href="([^"]*)">', PAGE) == ["../0002/"]
    assert 'location.replace("../0002/" + location.search + location.hash)' in PAGE


def test_redirect_to_a_hostile_address_holds_no_mark_of_its_own() -> None:
    page = redirect('adr/"><script>x</script>/', "adr/2/", canonical='"><img src=x>')
    assert re.findall(r"<(?:script|img)[^>]*>", page) == ["<script>"]
    assert page.count("</script>") == 1
