"""Pages state what layer.yaml says; what they quote or tell of the past is let be."""

from pathlib import Path

import pytest

from sage.tools.claims import Facts, check_claims, claims_in, find_pages
from sage.tools.layers import load_spec

PACKAGES = {
    "sage-common": "L1",
    "sage-platform": "L2",
    "sage-kernel": "L3",
    "sage-libs": "L3",
    "sage-tools": "L6",
}
FACTS = Facts(("L1", "L2", "L3", "L4", "L5", "L6"), PACKAGES, present=4)

WRONG = {
    "SAGE has eleven packages.": "wrong-number",
    "All 11 packages are pinned.": "wrong-number",
    "an 11-package monorepo": "wrong-number",
    "12 SAGE packages and the meta-package": "wrong-number",
    "The five layers of SAGE": "wrong-number",
    "a 5-layer architecture": "wrong-number",
    "更新为 11 个包 + meta-package": "wrong-number",
    "SAGE 采用五层架构": "wrong-number",
    "共 7 个层级": "wrong-number",
    "`x` and sage-platform (L3) hold it": "wrong-layer",
    "sage-kernel（L2）": "wrong-layer",
    "`sage-kernel` (L2)": "wrong-layer",
    "sage-kernel (L7), a layer that there is not": "wrong-layer",
    "sage-kernel (L3), once more sage-kernel (L2)": "wrong-layer",
    "| `sage-libs` | L9 | algorithms |": "wrong-layer",
    "| **sage-libs** | L4 | algorithms |": "wrong-layer",
    "There is no L2 in SAGE.": "layer-denied",
    "L2 is missing.": "layer-denied",
    "The L2 layer does not exist": "layer-denied",
    "L2 is not needed": "layer-denied",
    "the missing L2": "layer-denied",
    "无需强行，无需引入 L2 层": "layer-denied",
    "L2 暂未需要": "layer-denied",
    "目前没有 L2 层": "layer-denied",
    "SAGE 没有 L2。": "layer-denied",
    "缺少 L2 层": "layer-denied",
    "There is no layer L2 in SAGE.": "layer-denied",
}

RIGHT = [
    "SAGE has five packages, four of them here.",
    "The four packages of this repository",
    "six layers, L1 to L6",
    "六层架构",
    "5 个包",
    "Two packages of one layer; three packages more.",
    "Keep two base layers",
    "release 1.11 packages nothing",
    "#11 packages",
    "sage-platform (L2) and sage-kernel (L3)",
    "`sage-platform` (L2) and `a page says sage-kernel (L2)`",
    "sage-kernel (R2) and sage-kernel (v2)",
    "| sage-libs | L3 | algorithms |",
    "| sage-libs | algorithms | L4 uses it |",
    "sage-platform-extra (L6)",
    "no L2 → L3 import is left",
    "no L2 module imports L3",
    "no layer L2 module imports L3",
    "没有 L2 到 L3 的导入",
    "没有 L2 的包导入 L3",
    "缺少 L2 的依赖",
    "opening an RPC queue without L3 is an error",
    "没有 L3 时打开 RPC 队列",
    "a page that says that L2 is missing is a bug",
    "L2 is not a dumping ground",
    "It is among the dependencies of 119 packages on the index.",
    "> SAGE has eleven packages and no L2.",
    'The document says "eleven packages" and “no L2”.',
    "文档写着「L2 缺失」",
    "说 L2 缺失的页面是缺陷",
    "`11 packages`",
    "It had eleven packages. <!-- adr: past -->",
    "<!-- eleven packages -->",
]


@pytest.mark.parametrize("line", WRONG)
def test_wrong_claim_is_found(line: str) -> None:
    found = claims_in(f"# Page\n\n{line}\n", "docs/x.md", FACTS)
    assert [(one.code, one.line) for one in found] == [(WRONG[line], 3)]


@pytest.mark.parametrize("line", RIGHT)
def test_right_quoted_or_past_claim_is_let_be(line: str) -> None:
    assert claims_in(f"# Page\n\n{line}\n", "docs/x.md", FACTS) == []


def test_message_says_what_the_page_says_and_what_is_so() -> None:
    (found,) = claims_in("SAGE has eleven packages.", "docs/x.md", FACTS)
    assert str(found) == (
        "docs/x.md:1: wrong-number says eleven packages, and layer.yaml has 5 or 4; correct the "
        "page, or mark the line with <!-- adr: past --> if it speaks of the past"
    )


PASSED_OVER = {
    "front matter": "---\ntitle: eleven packages\n---\n\n# Page\n",
    "a code block": "# Page\n\n```text\neleven packages\n```\n",
    "a code block in a list": "# Page\n\n- so:\n\n    ~~~~\n    ```\n    no L2\n    ~~~~\n",
    "provenance": "# Page\n\n## Provenance\n\nIt had eleven packages.\n\n### More\n\nno L2\n",
    "history, in Chinese": "# 页\n\n## 历史\n\n当时没有 L2 层\n",
    "options weighed": "# Page\n\n## Considered options\n\n1. No L2.\n",
    "a superseded record": "---\nstatus: superseded\n---\n\n# Keep it\n\nThere is no L2.\n",
}


@pytest.mark.parametrize("name", PASSED_OVER)
def test_place_that_speaks_of_something_else_is_passed_over(name: str) -> None:
    assert claims_in(PASSED_OVER[name], "docs/x.md", FACTS) == []


def test_section_after_the_history_counts_again() -> None:
    text = "# Page\n\n## History\n\nno L2\n\n## Today\n\nThere is no L2.\n"
    assert [one.line for one in claims_in(text, "x.md", FACTS)] == [9]


def test_unreadable_page_is_a_finding_and_the_rest_is_read(tmp_path: Path) -> None:
    (tmp_path / "docs").mkdir()
    (tmp_path / "docs" / "a.md").write_bytes(b"\xff")
    (tmp_path / "docs" / "b.md").write_text("eleven packages\n")
    (tmp_path / "docs" / "c.md").symlink_to("nowhere.md")
    (tmp_path / "README.md").write_text("five layers\n")
    pages = find_pages(tmp_path, ["docs", "README.md", "no-such"])
    found = check_claims(tmp_path, pages, FACTS)
    assert [(one.path, one.code) for one in found] == [
        ("README.md", "wrong-number"),
        ("docs/a.md", "unreadable-page"),
        ("docs/b.md", "wrong-number"),
    ]


def test_this_repositorys_pages_state_what_layer_yaml_says(root: Path) -> None:
    spec = load_spec(root)
    packages = {one.name: one.layer for one in spec.packages}
    facts = Facts(spec.layers, packages, sum(one.present for one in spec.packages))
    pages = find_pages(root, ["adr", "docs_src", "README.md", "CONTRIBUTING.md"])
    assert len(pages) > 30
    assert [str(one) for one in check_claims(root, pages, facts)] == []


def test_source_documents_conclusion_would_be_found() -> None:
    tail = "## 结论\n\n这种设计符合 SAGE 的特点，无需引入 L2 层。\n"
    assert [one.code for one in claims_in(tail, "x.md", FACTS)] == ["layer-denied"]
