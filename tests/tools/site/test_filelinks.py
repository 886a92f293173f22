"""Links that work in the repository work on the site."""

import re
from pathlib import Path

import pytest

from sage.tools.site.filelinks import FileLinks


@pytest.fixture
def links(tmp_path: Path) -> FileLinks:
    for name in [
        "adr/0001-a.md",
        "adr/0002-b.md",
        "adr/picture.svg",
        "docs_src/index.md",
        "docs_src/guides/use it.md",
        "layer.yaml",
    ]:
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text("x", "utf-8")
    return FileLinks(
        tmp_path,
        "docs_src",
        lambda path: f"https://example.org/blob/main/{path}",
        {"adr/0001-a.md": "adr/0001-a.md", "adr/0002-b.md": "adr/0002-b.md"},
    )


@pytest.mark.parametrize(
    ("page", "name", "link", "expected"),
    [
        ("adr/0001-a.md", "adr/0001-a.md", "0002-b.md#why", "0002-b.md#why"),
        ("adr/0001-a.md", "adr/0001-a.md", "../docs_src/index.md", "../index.md"),
        (
            "adr/0001-a.md",
            "adr/0001-a.md",
            "../docs_src/guides/use%20it.md#x",
            "../guides/use it.md#x",
        ),
        ("docs_src/index.md", "index.md", "../adr/0002-b.md", "adr/0002-b.md"),
        ("docs_src/index.md", "index.md", "guides/use%20it.md", "guides/use it.md"),
        (
            "adr/0001-a.md",
            "adr/0001-a.md",
            "../layer.yaml#L3",
            "https://example.org/blob/main/layer.yaml#L3",
        ),
    ],
)
def test_file_of_the_repository_is_found_on_the_site(
    links: FileLinks, page: str, name: str, link: str, expected: str
) -> None:
    assert links.resolve(link, page, name) == expected


@pytest.mark.parametrize(
    "link",
    [
        "https://example.org/a.md",
        "mailto:a@example.org",
        "#why",
        "/adr/0002/",
        "gone.md",
        "../../x",
    ],
)
def test_other_links_stay_as_written(links: FileLinks, link: str) -> None:
    assert links.resolve(link, "adr/0001-a.md", "adr/0001-a.md") == link


def test_folder_leads_to_the_repository(links: FileLinks) -> None:
    assert links.resolve("../adr", "docs_src/index.md", "index.md").endswith("/blob/main/adr")


RECORD = """
    ---
    status: accepted
    date: 2026-01-01
    decision-makers: []
    ---

    # Three

    ## Context

    Some.

    ## Decision

    See [settings](../settings.txt#L3), [home](../docs/index.md) and [first](0001-two-layers.md).

    ![Picture](drawing.svg)

    ## Consequences

    None.
    """


def links_of(page):
    text = page[page.index("<article") : page.index("</article")]
    text = text.partition('<div class="sd-record__text">')[2] or text
    return re.findall(r'<a href="([^"]+)">(\w+)</a>', text)


def test_links_of_records_and_pages_to_files_work_on_the_site(project):
    project.write("adr/0003-three.md", RECORD)
    project.write("adr/drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    project.write("settings.txt", "x")
    project.write("docs/a/page.md", "# P\n\n[one](../../adr/0001-two-layers.md) [s](../../src)\n")
    built = project.build()
    assert built.log == []
    repository = "https://example.org/small-repo/blob/HEAD/"
    assert links_of(built.page("adr/0003")) == [
        (f"{repository}settings.txt#L3", "settings"),
        ("../../", "home"),
        ("../0001/", "first"),
    ]
    assert links_of(built.page("a/page")) == [("../../adr/0001/", "one"), (f"{repository}src", "s")]


def test_picture_beside_a_record_is_brought_into_the_site(project):
    project.write("settings.txt", "x")
    project.write("adr/0003-three.md", RECORD)
    project.write("adr/drawing.svg", '<svg xmlns="http://www.w3.org/2000/svg"/>')
    built = project.build()
    assert built.log == []
    assert '<img alt="Picture" src="../drawing.svg"' in built.page("adr/0003")
    assert (built.folder / "adr/drawing.svg").is_file()


def test_link_to_a_file_is_text_where_the_repository_has_no_address(project):
    project.write("docs/page.md", "# P\n\n[source `queue`](../src/queue.py)\n")
    text = (project.root / "mkdocs.yml").read_text("utf-8")
    project.write("mkdocs.yml", re.sub("(repo_url|edit_uri):.*\n", "", text))
    built = project.build()
    assert built.log == []
    assert "<span>source <code>queue</code></span>" in built.page("page")


def test_dead_link_between_files_is_named_with_file_and_line(project):
    project.write("docs/page.md", "# P\n\n[x](../adr/0009-gone.md)\n")
    built = project.build()
    assert built.aborted
    assert built.log[0].startswith("docs/page.md:3: dead-link ")
