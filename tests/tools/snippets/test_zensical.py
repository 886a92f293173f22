"""Sites whose settings stand in `zensical.toml`."""

import pytest

from sage.tools.finding import CannotBegin
from sage.tools.snippets import Finder, load_page_settings

SITE = """
[project]
site_name = "x"
[project.markdown_extensions.admonition]
[project.markdown_extensions.pymdownx.details]
[project.markdown_extensions.pymdownx.superfences]
custom_fences = [
  {name = "python", class = "python", format = "markdown_exec.formatter"},
  {name = "mermaid", class = "mermaid", format = "pymdownx.superfences.fence_code_format"},
]
[project.markdown_extensions.toc]
permalink = true
"""
PAGE = """\
```python exec="yes" source="above"
x = 1
```

```mermaid
graph
```

??? note

    ```python
    print(2)
    ```
"""


def test_fences_are_those_of_zensical_toml(tmp_path):
    (tmp_path / "zensical.toml").write_text(SITE)
    (tmp_path / "page.md").write_text(PAGE)
    settings = load_page_settings(tmp_path)
    assert list(settings.extensions) == [
        "tables", "admonition", "pymdownx.details", "pymdownx.superfences"
    ]  # fmt: skip
    page = Finder(tmp_path, settings).find(tmp_path / "page.md")
    assert [(s.line, s.skip) for s in page.snippets] == [
        (1, "markdown-exec runs it when the site is built"),
        (11, ""),
    ]
    assert page.findings == ()


def test_broken_zensical_toml_cannot_begin(tmp_path):
    (tmp_path / "zensical.toml").write_text("[project\n")
    with pytest.raises(CannotBegin, match=r"zensical\.toml: cannot be read as TOML: "):
        load_page_settings(tmp_path)
