"""A repository that was there before the plugin: it is named in mkdocs.yml, and nothing else is."""

import json
import re
from threading import Event

import pytest
from mkdocs.config import load_config
from mkdocs.livereload import LiveReloadServer

from sage.tools.site.plugin import DecisionsPlugin
from tests.tools.site.conftest import FIRST, SECOND

LOST = SECOND.replace("supersedes: [1]", "supersedes: [9]").replace(
    "Create a third", "Lose nothing: no"
)
PLAIN = "site_name: Plain\ntheme: material\nplugins: [search, decisions]\n"


@pytest.fixture
def plain(project):
    """The project with its records in a folder of the caller's choice."""

    def move(folder, config=PLAIN):
        project.write("mkdocs.yml", config)
        project.write("docs/index.md", "# Home\n\nRead ADR-0002.\n")
        for file in (project.root / "adr").glob("*.md"):
            file.unlink()
        (project.root / "adr").rmdir()
        project.write(f"{folder}/0001-two-layers.md", FIRST)
        project.write(f"{folder}/0002-third-layer.md", SECOND)
        return project

    return move


@pytest.mark.parametrize(
    "folder", ["adr", "doc/adr", "docs/adr", "docs/decisions", "docs/architecture/decisions"]
)
def test_records_are_found_where_they_usually_lie(plain, folder):
    project = plain(folder)
    built = project.build()
    assert built.log == []
    assert 'id="evidence"' in built.page("adr/0002")
    assert 'href="adr/0002/"' in built.page("")
    found = json.loads((built.folder / "search/search_index.json").read_text())
    homes = {entry["location"].partition("#")[0] for entry in found["docs"]}
    assert homes == {"", "adr/0001/", "adr/0002/"}


def test_folder_that_the_repository_names_is_read(plain):
    project = plain("records")
    project.write("pyproject.toml", '[tool.sage-dev]\nadr-dir = "records"\n')
    assert 'id="evidence"' in project.build().page("adr/0001")


def test_address_that_a_record_had_among_the_pages_leads_to_it(plain):
    built = plain("docs/decisions").build()
    assert "url=../../adr/0002/" in built.page("decisions/0002-third-layer")


def test_links_between_records_among_the_pages_still_lead_there(plain):
    project = plain("docs/decisions")
    project.write("docs/index.md", "# Home\n\n[It](decisions/0002-third-layer.md)\n")
    project.write(
        "docs/decisions/0002-third-layer.md", SECOND + "\nSee [the first](0001-two-layers.md).\n"
    )
    built = project.build()
    assert built.log == []
    assert '<a href="adr/0002/">It</a>' in built.page("")
    assert '<a href="../0001/">the first</a>' in built.page("adr/0002")


@pytest.mark.parametrize("folder", ["adr", "docs/decisions"])
def test_navigation_made_from_files_leads_to_the_index_and_holds_no_record(plain, folder):
    home = plain(folder).build().page("")
    navigation = home[home.index('class="md-nav md-nav--primary"') : home.index("<article")]
    assert 'href="adr/"' in navigation
    assert "adr/0001" not in navigation
    assert "topics" not in navigation


@pytest.mark.parametrize("folder", ["adr", "docs/adr"])
def test_navigation_that_is_written_does_not_miss_the_records(plain, folder):
    config = PLAIN + "nav: [{Home: index.md}, {Log: adr/index.md}, {One: adr/0001-two-layers.md}]\n"
    project = plain(folder, config + "validation: {omitted_files: warn}\n")
    built = project.build()
    assert built.log == []
    assert '<a href="adr/0001/" class="md-nav__link">' in built.page("")


def test_findings_can_be_shown_while_old_records_are_mended(plain):
    project = plain("docs/adr")
    project.write("docs/adr/0003-lost.md", LOST)
    refused = project.build()
    assert refused.aborted
    assert any("set the plugin's `findings: show`" in line for line in refused.log)
    assert not (project.root / "site").exists()
    project.write("mkdocs.yml", PLAIN.replace("decisions]", "{decisions: {findings: show}}]"))
    built = project.build(strict=False)
    assert not built.aborted
    assert any("docs/adr/0003-lost.md:" in line for line in built.log)
    assert "Lose nothing" in built.page("adr/0003")
    assert project.build().aborted


def test_head_and_evidence_are_no_text_of_the_search_whatever_the_plugins_order(plain):
    project = plain("adr", PLAIN.replace("[search, decisions]", "[decisions, search]"))
    index = (project.build().folder / "search/search_index.json").read_text()
    assert "Nothing cites it" not in index
    assert "decided by" not in index


def test_index_of_ones_own_can_hold_ours_below_its_heading_and_all_the_rest_is_there(plain):
    project = plain("docs/adr")
    project.write("docs/adr/index.md", "# Our decisions\n\nRead them.\n")
    built = project.build()
    assert built.log == []
    assert "sd-filter" not in built.page("adr")
    assert 'href="../0002/"' in built.page("adr/all")
    assert 'href="../0002/"' in built.page("adr/history")
    assert 'href="tag-queue/"' in built.page("adr/topics")
    project.write("docs/adr/index.md", "# Our decisions\n\n<!-- sage: decision-index -->\n")
    built = project.build()
    assert built.log == []
    page = built.page("adr")
    assert "sd-filter" in page
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", page) == ["Our decisions"]
    assert re.findall(r"<h1[^>]*>(.*?)</h1>", built.page("adr/all")) == ["All decisions by number"]


def test_record_that_is_no_text_is_one_finding_and_a_page_without_text(plain):
    project = plain("adr", PLAIN.replace("decisions]", "{decisions: {findings: show}}]"))
    (project.root / "adr/0003-lost.md").write_bytes(b"# Caf\xe9\n")
    built = project.build(strict=False)
    assert built.log == [
        "adr/0003-lost.md:1: unreadable-record is not UTF-8 text; save it as UTF-8"
    ]
    assert "ADR-0003" in built.page("adr/0003")


def test_further_logs_live_below_their_names(plain):
    project = plain("adr")
    project.write("pyproject.toml", '[tool.sage-dev.adr-logs]\ninfra = "infra/adr"\n')
    project.write("infra/adr/0001-machines.md", FIRST.replace("Keep two layers", "Buy machines"))
    project.write(
        "infra/adr/0002-none.md",
        SECOND.replace("Create a third layer", "Sell them").replace("It follows", "Beside infra/"),
    )
    project.write("docs/index.md", "# Home\n\nRead infra/ADR-0002, not ADR-0002.\n")
    built = project.build()
    assert built.log == []
    home = built.page("")
    assert 'href="adr/infra/0002/"' in home
    assert 'href="adr/0002/"' in home
    assert "Buy machines" in built.page("adr/infra/0001")
    assert "url=../0002/" in built.page("adr/infra/ADR-0002")
    rows = json.loads((built.folder / "adr/index.json").read_text("utf-8"))["records"]
    assert [row["id"] for row in rows] == [
        *("ADR-0001", "ADR-0002", "infra/ADR-0001", "infra/ADR-0002"),
    ]


def test_every_own_link_leads_somewhere_without_directory_urls(plain):
    site = plain("adr", PLAIN + "use_directory_urls: false\n").build().folder
    for name in ("index", "adr/index", "adr/all/index", "adr/topics/index", "adr/0002/index"):
        page = site / f"{name}.html"
        links = re.findall(r'href="([^"#:?]+)"', page.read_text("utf-8"))
        assert len(links) > 5
        lost = [link for link in links if not (page.parent / link).exists()]
        assert lost == []


def test_preview_follows_the_records_wherever_they_lie(plain):
    project = plain("records", PLAIN.replace("decisions]", "{decisions: {dir: records}}]"))
    config = load_config(str(project.root / "mkdocs.yml"))
    config.plugins.on_startup(command="serve", dirty=False)
    config = config.plugins.on_config(config)
    built = Event()
    server = LiveReloadServer(built.set, "127.0.0.1", 0, str(project.root), polling_interval=0.05)
    config.plugins.on_serve(server, config=config, builder=built.set)
    server.observer.start()
    try:
        (project.root / "records/0003-new.md").write_text("# 3. New\n", "utf-8")
        with server._rebuild_cond:
            assert server._rebuild_cond.wait_for(lambda: server._want_rebuild, timeout=20)
    finally:
        server.observer.stop()
        server.observer.join()
        server.server_close()


def test_two_records_at_one_address_are_told_of(plain):
    project = plain("adr")
    for folder in ("one", "two"):
        project.write(f"adr/{folder}/names.md", FIRST.replace("superseded", "accepted"))
    built = project.build()
    assert built.aborted
    assert built.log[0] == (
        "adr/two/names.md:1: same-address has the address of adr/one/names.md; "
        "give it a number, or another name"
    )


def test_guide_names_every_option_and_nothing_else(root):
    told = re.compile(r"^\| `(\w+)` \|", re.MULTILINE)
    for guide in ("docs_src/guides", "docs_src/zh/guides"):
        text = (root / guide / "your-own-repository.md").read_text("utf-8")
        assert sorted(told.findall(text)) == sorted(
            name for name, _ in DecisionsPlugin.config_scheme
        )


def test_succession_that_only_the_old_record_states_is_seen_from_both_sides(plain):
    project = plain("adr", PLAIN.replace("decisions]", "{decisions: {findings: show}}]"))
    project.write("adr/0002-third-layer.md", SECOND.replace("supersedes: [1]\n", ""))
    project.write("adr/0001-old.md", "# 1. Old\n\n## Status\n\nSuperseded by ADR-0002\n")
    (project.root / "adr/0001-two-layers.md").unlink()
    built = project.build(strict=False)
    assert "<dt>Supersedes</dt>" in built.page("adr/0002")
    assert 'class="sd-picture-svg sd-graph"' in built.page("adr/history")
    table = json.loads((built.folder / "adr/index.json").read_text("utf-8"))
    assert [one["supersedes"] for one in table["records"]] == [[], ["ADR-0001"]]


def test_second_record_with_a_number_keeps_a_page_of_its_own(plain):
    project = plain("adr", PLAIN.replace("decisions]", "{decisions: {findings: show}}]"))
    project.write("adr/0002-zweitens.md", FIRST.replace("Keep two layers", "Take the number again"))
    built = project.build(strict=False)
    assert "Create a third layer" in built.page("adr/0002")
    assert "Take the number again" in built.page("adr/0002-zweitens")
    rows = json.loads((built.folder / "adr/index.json").read_text())["records"]
    assert [(row["id"], row["url"]) for row in rows] == [
        ("ADR-0001", "0001/"),
        ("ADR-0002", "0002/"),
        ("ADR-0002", "0002-zweitens/"),
    ]


def test_records_follow_each_other_by_number_whatever_their_files_are_called(plain):
    project = plain("adr")
    for number in (9, 10):
        text = FIRST.replace("superseded", "accepted").replace("two layers", f"number {number}")
        project.write(f"adr/ADR-{number}.md", text)
    page = project.build().page("adr/all")
    assert re.findall(r'sd-table__id">([^<]+)', page) == [
        "ADR-0001",
        "ADR-0002",
        "ADR-0009",
        "ADR-0010",
    ]


def test_record_whose_status_is_not_known_is_not_said_to_be_out_of_force(plain):
    project = plain("adr", PLAIN.replace("decisions]", "{decisions: {findings: show}}]"))
    project.write("adr/0003-later.md", SECOND.replace("status: accepted", "status: on hold"))
    built = project.build(strict=False)
    page = built.page("adr")
    words = "“on hold”: Its status cannot be read: ask before you rely on it."
    assert f'<div class="sd-banner sd-banner--unknown" role="note"><p>{words}</p>' in (
        built.page("adr/0003")
    )
    groups = re.findall(r'<h2 id="([\w-]+)">[^<]* <span class="sd-count">(\d+)', page)
    assert groups == [("in-force", "1"), ("no-longer", "1"), ("unclear", "1")]


def test_filter_asks_only_for_what_the_log_has(plain):
    project = plain("adr")
    assert re.findall(r'<select name="(\w+)"', project.build().page("adr")) == [
        "status", "tag", "layer"
    ]  # fmt: skip
    for name in ("0001-two-layers", "0002-third-layer"):
        text = (project.root / f"adr/{name}.md").read_text("utf-8")
        project.write(f"adr/{name}.md", re.sub(r"(?m)^(tags|layers):.*\n", "", text))
    assert re.findall(r'<select name="(\w+)"', project.build().page("adr")) == ["status"]


def test_pages_of_another_repository_say_nothing_of_this_one(plain):
    built = plain("adr").build()
    assert "<title>Plain</title>" in built.page(".")
    lost = (built.folder / "404.html").read_text("utf-8")
    assert "zh/" not in lost
    assert 'href="/adr/0002/"' not in lost


@pytest.mark.parametrize(
    ("file", "text", "versions"),
    [
        ("pyproject.toml", '[project]\nname = "MkDocs_Get.Deps"\n', ", mkdocs-get-deps"),
        ("packages/m/pyproject.toml", '[tool.poetry]\nname = "mkdocs"\n', ", mkdocs"),
        ("tests/made/up/pyproject.toml", '[project]\nname = "mkdocs"\n', ""),
        ("pyproject.toml", "[project]\nname = \n", ""),
    ],
)
def test_evidence_names_the_versions_of_the_repositorys_own_packages(
    plain, passed, file, text, versions
):
    project = plain("adr")
    project.write("adr/0003-run.md", SECOND.replace("[1]", "[]") + "\n```python\n1\n```\n")
    project.write(file, text)
    project.ran("adr/0003-run.md", passed())
    page = project.build(strict=False).page("adr/0003")
    told = r'<p class="sd-note">Python 3\.\d+\.\d+((?:, [\w-]+(?= [\d.]+))?)'
    assert re.findall(told, page) == [versions]


@pytest.mark.parametrize(
    ("extensions", "code"),
    [
        ("[]", '<pre class="highlight"><code class="language-python">print(1)'),
        ("[codehilite]", '<div class="codehilite"><pre><span></span><code>'),
        ("[pymdownx.superfences]", '<div class="highlight"><pre><span></span><code>'),
        ("[pymdownx.extra]", '<div class="highlight"><pre><span></span><code>'),
    ],
)
@pytest.mark.parametrize("theme", ["material", "mkdocs", "readthedocs"])
def test_code_shows_its_run_and_its_sites_colours_whatever_reads_the_fences(
    plain, passed, extensions, code, theme
):
    config = PLAIN.replace("material", theme) + f"markdown_extensions: {extensions}\n"
    project = plain("adr", config)
    project.write("adr/0003-run.md", SECOND.replace("[1]", "[]") + "\n```python\nprint(1)\n```\n")
    project.ran("adr/0003-run.md", passed("1\n"))
    built = project.build()
    assert built.log == []
    page = built.page("adr/0003")
    assert f'<div class="sd-snippet__code">{code}' in page
    assert '<span class="sd-run sd-run--passed">ran</span>' in page
    assert "1 of 1 snippets ran" in page


def test_one_thing_is_not_counted_as_many(plain):
    page = plain("adr").build().page("adr/0002")
    assert re.findall(r"<summary>(\d+ \w+)</summary>", page) == ["1 file", "1 place"]


def test_colours_that_a_site_has_chosen_are_left_to_it_and_ours_need_no_palette(plain):
    built = plain("adr").build()
    styles = (built.folder / "assets/decisions/site.css").read_text("utf-8")
    for rule in re.findall(r"([^{}]+)\{([^{}]*--md-primary-fg-color:[^{}]*)\}", styles):
        assert '[data-md-color-primary="custom"]' in rule[0]
    assert "--sd-green:#0b6349" in styles.split("}")[0]
