"""The plugin, through real builds of a small site."""

# adr: off (the numbers here are examples)

import json
import re
import shutil

from sage.tools.site.translations import digest
from sage.tools.snippets import Finder, Outcome, Status


def test_record_lives_at_its_number(project):
    built = project.build()
    assert built.log == []
    assert "Create a third layer" in built.page("adr/0002")
    assert not (built.folder / "adr" / "0002-third-layer").is_file()


def test_record_page_shows_number_status_date_deciders_tags_and_layers(project):
    page = project.build().page("adr/0001")
    head = page[page.index('<h1 class="sd-title"') : page.index('<details class="sd-citing"')]
    words = re.sub(r"<[^>]+>", " ", head).split()
    assert words[:4] == ["ADR-0001", "Keep", "two", "layers"]
    for word in ("superseded", "2025-10-22", "Ada,", "Grace", "L1", "L2", "layers"):
        assert word in words
    assert "Replaced: follow the record that supersedes it." in head


def test_title_carries_the_status_unless_accepted(project):
    built = project.build()
    assert "<title>ADR-0001 (superseded) Keep two layers - Small</title>" in built.page("adr/0001")
    assert "<title>ADR-0002 Create a third layer - Small</title>" in built.page("adr/0002")


def test_superseded_record_leads_to_its_successor(project):
    page = project.build().page("adr/0001")
    banner = page[page.index("sd-banner--superseded") :].split("</div>")[0]
    assert 'href="../0002/"' in banner
    assert "Create a third layer" in banner


def test_evidence_shows_what_a_record_replaced_as_a_picture_and_as_text(project):
    page = project.build().page("adr/0002")
    panel = page[page.index('id="evidence"') : page.index("</aside>", page.index('id="evidence"'))]
    assert '<desc id="sd-graph-desc">ADR-0002 replaced ADR-0001</desc>' in panel
    assert "Supersedes" in panel
    assert panel.count('href="../0001/"') == 2


def test_lines_of_one_file_that_cite_a_record_stand_together(project):
    project.write("docs/page.md", "# Page\n\nADR-0002\n\nand ADR-0002.\n")
    page = project.build().page("adr/0002")
    home = "https://example.org/small-repo/blob/HEAD/docs/page.md"
    places = f'<a href="{home}#L3">docs/<wbr>page.md:3</a>, <a href="{home}#L5">5</a>'
    assert f"<li>{places}</li>" in page
    assert "<summary>3 places</summary>" in page


def test_citation_links_with_title_and_status(project):
    link = re.search(r"<a [^>]*>ADR-0002</a>", project.build().page("."))[0]
    assert 'href="adr/0002/"' in link
    assert 'title="Create a third layer — accepted"' in link
    assert 'data-decision="A third layer holds what the others share."' in link


def test_citation_in_a_nested_page_links_relative_to_it(project):
    project.write("docs/a/b.md", "# B\n\nSee ADR-0001, ADR-2 and 见ADR-0002。\n")
    page = project.build().page("a/b")
    assert re.findall(r'<a class="sd-cite[^>]*href="([^"]+)"', page) == [
        "../../adr/0001/",
        "../../adr/0002/",
        "../../adr/0002/",
    ]


def test_citation_is_left_alone_in_code_links_and_titles(project):
    project.write(
        "docs/page.md",
        """
        # On ADR-0002

        `ADR-0002` and [ADR-0002](index.md) and ADR-0002-draft and x/ADR-0002.md

            ADR-0002

        ```text
        ADR-0002
        ```
        """,
    )
    built = project.build()
    assert built.log == []
    assert "sd-cite" not in built.page("page")
    assert 'id="on-adr-0002"' in built.page("page")


def test_heading_that_cites_keeps_its_id(project):
    project.write("docs/page.md", "# Page\n\n## After ADR-0002\n")
    page = project.build().page("page")
    assert '<h2 id="after-adr-0002">After <a class="sd-cite' in page


def test_unknown_citation_stops_the_build_with_file_and_line(project):
    project.write("docs/page.md", "---\ntitle: P\n---\n\n# Page\n\nAs ADR-0042 says.\n")
    built = project.build(strict=False)
    assert built.aborted
    assert built.log[0] == (
        "docs/page.md:7: unknown-citation ADR-0042 is cited and there is no such record in adr; "
        "correct the number or write the record"
    )
    assert not (built.folder / "index.html").exists()


def test_broken_front_matter_stops_the_build_with_file_and_line(project):
    project.write("adr/0003-broken.md", "---\nstatus: [accepted\n---\n\n# Broken\n")
    built = project.build(strict=False)
    assert built.aborted
    assert any(line.startswith("adr/0003-broken.md:2: bad-front-matter") for line in built.log)


def test_missing_section_stops_the_build_with_file_and_line(project):
    project.write("docs/page.md", '# Page\n\n```python\n--8<-- "src/queue.py:nowhere"\n```\n')
    built = project.build(strict=False)
    assert built.aborted
    assert any(line.startswith("docs/page.md:4: missing-section") for line in built.log)


def test_link_to_nowhere_fails_the_strict_build_with_file_and_line(project):
    project.write("docs/page.md", "# Page\n\nText\n\n[x](nowhere.md)\n")
    built = project.build()
    assert built.aborted
    assert built.log[0].startswith("docs/page.md:5: dead-link ")


def test_anchor_to_nowhere_is_named_with_file_and_line(project):
    project.write("docs/page.md", "# Page\n\n[x](index.md#nowhere)\n")
    text = (project.root / "mkdocs.yml").read_text()
    project.write("mkdocs.yml", text + "validation: {anchors: warn}\n")
    built = project.build()
    assert built.log[0].startswith("docs/page.md:3: dead-link ")


def test_edit_link_opens_the_file_of_a_record_and_of_a_page(project):
    built = project.build()
    assert "https://example.org/small-repo/edit/main/adr/0002-third-layer.md" in built.page(
        "adr/0002"
    )
    assert "https://example.org/small-repo/edit/main/docs/index.md" in built.page(".")


def test_every_page_has_a_description(project):
    project.write("docs/page.md", "# Page\n\nFirst *words* of it.\n")
    built = project.build()
    assert '<meta name="description" content="First words of it.">' in built.page("page")
    assert '<meta name="description" content="A third layer holds what' in built.page("adr/0002")


def test_unknown_placeholder_names_the_nearest_one(project):
    project.write("docs/page.md", "# Page\n\n<!-- sage: rule-tabel -->\n")
    built = project.build(strict=False)
    assert built.log[0] == (
        "docs/page.md:3: unknown-part no generated part is called 'rule-tabel'; "
        "did you mean rule-table?"
    )


def test_unknown_option_of_a_placeholder_is_named(project):
    project.write("docs/page.md", "# Page\n\n<!-- sage: decisions-at-a-glance tga=x -->\n")
    built = project.build(strict=False)
    assert "has no option 'tga'; known: tag, layer, status, numbers" in built.log[0]


def test_placeholder_in_a_fence_is_text(project):
    project.write("docs/page.md", "# Page\n\n```html\n<!-- sage: rule-table -->\n```\n")
    built = project.build()
    assert built.log == []
    assert "sage: rule-table" in built.page("page")


def test_glance_shows_the_records_of_a_tag(project):
    project.write("docs/page.md", "# Page\n\n<!-- sage: decisions-at-a-glance tag=queue -->\n")
    page = project.build().page("page")
    assert 'href="../adr/0002/">Create a third layer' in page
    assert "Keep two layers" not in page


def test_index_lists_every_record_by_state(project):
    page = project.build().page("adr")
    assert page.index('id="in-force"') < page.index("Create a third layer")
    assert page.index('id="no-longer"') < page.index("Keep two layers")


CODE = "# Page\n\n```python\nprint('hello')\n```\n"


def test_exception_that_a_snippet_ended_with_as_expected_is_shown(project):
    project.write("docs/page.md", '```{.python raises="KeyError"}\n{}["<tea>"]\n```\n')
    project.ran("docs/page.md", Outcome(Status.PASSED, message="KeyError: '<tea>'"))
    assert "<code>KeyError: &#x27;&lt;tea&gt;&#x27;</code>" in project.build().page("page")


def test_snippet_that_ran_shows_its_badge_and_its_output(project, passed):
    project.write("docs/page.md", CODE)
    project.ran("docs/page.md", passed("hello\n"))
    built = project.build()
    assert built.log == []
    page = built.page("page")
    assert '<span class="sd-run sd-run--passed">ran</span>' in page
    assert "<code>hello\n</code>" in page
    assert re.search(r'<time datetime="\d{4}-\d\d-\d\dT[^"]+">', page)


def test_changed_snippet_fails_the_strict_build_with_file_and_line(project, passed):
    project.write("docs/page.md", CODE)
    project.ran("docs/page.md", passed("hello\n"))
    project.write("docs/page.md", CODE.replace("hello", "good bye"))
    built = project.build()
    assert built.aborted
    assert built.log[0].startswith("docs/page.md:3: stale-snippet has not run as it now stands")


def test_code_that_has_not_run_is_a_warning_where_the_build_is_not_strict(project):
    project.write("docs/page.md", CODE)
    built = project.build(strict=False)
    assert not built.aborted
    assert built.log[0].startswith("docs/page.md:3: stale-snippet has not run as it now stands")
    assert '<span class="sd-run sd-run--stale">not run</span>' in built.page("page")


def test_one_line_tells_of_all_that_a_page_has_not_run(project):
    project.write("docs/page.md", "\n\n".join([CODE] * 7))
    stale = [line for line in project.build().log if "stale-snippet" in line]
    assert len(stale) == 1
    assert stale[0].startswith("docs/page.md:3: stale-snippet 7 snippets have not run as they now")
    assert "(lines 3, " in stale[0]
    assert ", …); run `make test`" in stale[0]


def test_changed_snippet_is_shown_as_not_run_where_that_is_allowed(project):
    project.show_stale()
    project.write("docs/page.md", CODE)
    built = project.build()
    assert built.log == []
    assert '<span class="sd-run sd-run--stale">not run</span>' in built.page("page")


def test_failed_snippet_stops_the_build_and_names_its_line(project):
    project.show_stale()
    project.write("docs/page.md", CODE)
    failed = Outcome(Status.FAILED, message="NameError: name 'x' is not defined", line=4)
    project.ran("docs/page.md", failed)
    built = project.build(strict=False)
    assert built.aborted
    assert built.log[0] == (
        "docs/page.md:4: snippet-failed failed when it last ran: NameError: name 'x' is not defined"
    )


def test_skipped_snippet_shows_its_reason(project):
    project.write("docs/page.md", '# Page\n\n```{.python skip="needs two machines"}\nx\n```\n')
    built = project.build()
    assert built.log == []
    assert "needs two machines" in built.page("page")


def test_page_is_converted_once_and_its_code_found_on_the_way(project, passed, monkeypatch):
    project.write("docs/page.md", CODE)
    project.ran("docs/page.md", passed("hello\n"))

    def refuse(*_: object) -> None:
        raise AssertionError("a second conversion")

    monkeypatch.setattr(Finder, "_find_in_markdown", refuse)
    built = project.build()
    assert built.log == []
    assert "sd-run--passed" in built.page("page")


def test_code_in_a_comment_is_not_asked_to_run(project):
    project.write("docs/page.md", "# Page\n\nText.\n\n<!--\n```python\nx\n```\n-->\n")
    built = project.build()
    assert built.log == []
    assert "sd-run" not in built.page("page")


def test_expected_output_stands_once_beside_its_code(project, passed):
    project.write("docs/page.md", CODE + "\n``` {.text .output}\nhello\n```\n")
    project.ran("docs/page.md", passed("hello\n"))
    page = project.build().page("page")
    article = page[page.index("<article") : page.index("</article")]
    assert re.sub(r"<[^>]+>", "", article).count("hello") == 2
    assert "<p></p>" not in article


def test_missing_folder_of_records_is_one_sentence(project):
    shutil.rmtree(project.root / "adr")
    built = project.build()
    assert built.aborted
    assert built.log == [
        "decisions: there is none of the folders adr, docs/adr, docs/decisions, doc/adr, "
        "docs/architecture/decisions; write a first record with `sage-dev adr new`, "
        "or set the plugin's `dir` in mkdocs.yml",
        "Aborted with a BuildError!",
    ]


def test_no_page_links_to_a_repository_that_has_no_address(project, passed):
    text = (project.root / "mkdocs.yml").read_text("utf-8")
    project.write("mkdocs.yml", text.replace("https://example.org/small-repo", '""'))
    project.write("docs/page.md", CODE)
    project.ran("docs/page.md", passed("hello\n"))
    built = project.build()
    assert built.log == []
    for address in ("", "page", "adr", "adr/0002"):
        page = built.page(address)
        assert 'href=""' not in page
        assert "/blob/" not in page
        assert "/edit/" not in page
        assert "src/<wbr>queue.py" in page or address != "adr/0002"


def test_page_whose_title_is_one_word_comes_before_records_about_it(project):
    project.write("docs/layers.md", "# Layers\n\nText.\n")
    project.write("docs/more.md", "# On layers\n\nText.\n")
    index = json.loads((project.build().folder / "search/search_index.json").read_text("utf-8"))
    boost = {entry["location"]: entry.get("boost", 1) for entry in index["docs"]}
    assert boost["layers/"] > boost["more/"]


def translation(digest: str, title: str = "建立第三层") -> str:
    text = "见 ADR-0001。\n\n## 决策\n\n第三层存放共享的部分。\n"
    return f'---\ntranslates: "{digest}"\n---\n\n# {title}\n\n{text}'


def test_translated_record_lives_below_its_language(project):
    original = (project.root / "adr/0002-third-layer.md").read_text("utf-8")
    project.write("docs/zh/adr/0002.md", translation(digest(original)))
    built = project.build()
    assert built.log == []
    page = built.page("zh/adr/0002")
    assert '<html lang="zh"' in page
    assert "建立第三层" in page
    assert "已采纳" in page
    assert 'href="../../../adr/0001/"' in page
    english = built.page("adr/0002")
    assert re.search(
        r'<link rel="alternate alternate" href="\.\./\.\./zh/adr/0002/" hreflang="zh">', english
    )
    assert '<html lang="en"' in english


def test_citation_on_a_chinese_page_leads_to_the_chinese_record(project):
    original = (project.root / "adr/0002-third-layer.md").read_text("utf-8")
    project.write("docs/zh/adr/0002.md", translation(digest(original)))
    home = (project.root / "docs/index.md").read_text("utf-8")
    project.write(
        "docs/zh/index.md", f"---\ntranslates: '{digest(home)}'\n---\n\n# 首页\n\n见ADR-0002。\n"
    )
    built = project.build()
    assert built.log == []
    link = re.search(r"<a [^>]*>ADR-0002</a>", built.page("zh"))[0]
    assert 'href="adr/0002/"' in link
    assert 'title="建立第三层 — 已采纳"' in link
    assert 'data-decision="第三层存放共享的部分。"' in link


def test_stale_translation_says_so_on_the_page_and_as_a_finding(project):
    project.write("docs/zh/adr/0002.md", translation("000000000000"))
    built = project.build(strict=False)
    assert built.log[0].startswith(
        "docs/zh/adr/0002.md:1: stale-translation adr/0002-third-layer.md has changed"
    )
    page = built.page("zh/adr/0002")
    assert "原文已有改动，此译文尚未跟上" in page
    assert 'href="../../../adr/0002/">阅读英文原文' in page


def test_translation_of_nothing_stops_the_build(project):
    project.write("docs/zh/lost.md", '---\ntranslates: "000000000000"\n---\n\n# 迷路\n')
    built = project.build(strict=False)
    assert built.aborted
    assert "translation-of-nothing" in built.log[0]


def test_front_matter_for_the_generator_in_a_record_is_obeyed(project):
    text = (project.root / "adr/0002-third-layer.md").read_text("utf-8")
    project.write(
        "adr/0002-third-layer.md", text.replace("layers: [L2]", "layers: [L2]\ndescription: Mine")
    )
    assert '<meta name="description" content="Mine">' in project.build().page("adr/0002")


def test_code_has_the_classes_that_the_stylesheet_colours(project, passed):
    project.write("docs/page.md", CODE)
    project.ran("docs/page.md", passed("hello\n"))
    assert '<span class="nb">print</span>' in project.build().page("page")


def test_every_topic_and_index_is_there_in_chinese_and_stays_there(project):
    original = (project.root / "adr/0002-third-layer.md").read_text("utf-8")
    project.write("docs/zh/adr/0002.md", translation(digest(original)))
    built = project.build()
    assert built.log == []
    for address in ("adr", "adr/all", "adr/history", "adr/topics", "adr/topics/tag-queue"):
        english, chinese = built.page(address), built.page(f"zh/{address}")
        assert '<html lang="zh"' in chinese
        to = "../" * (address.count("/") + 1) + f"zh/{address}/"
        assert f'href="{to}" hreflang="zh"' in english
        assert "建立第三层" in chinese or address == "adr/topics"
    chips = re.findall(r'href="([^"]*tag-queue/)"', built.page("zh/adr/0002"))
    assert chips == ["../topics/tag-queue/"]
    assert 'href="tag-queue/">queue</a> 1' in built.page("zh/adr/topics")
    assert 'href="tag-queue/">queue</a> 1' in built.page("adr/topics")
