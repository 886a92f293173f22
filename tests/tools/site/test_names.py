"""Public names and who uses them, told from the source alone."""

from sage.tools.site.names import Defined, imported_names, public_names, used_names


def test_public_name_is_followed_to_where_it_is_written(tmp_path):
    for name, text in {
        "packages/a/src/lib/__init__.py": "from lib.inner import Thing\n\n"
        '__all__ = ["Thing", "X"]\nX: int = 1\n',
        "packages/a/src/lib/inner.py": "from lib.deep import Thing\n",
        "packages/a/src/lib/deep.py": "\n\nclass Thing:\n    a = 1\n",
        "packages/a/src/lib/ring.py": 'from lib.ring import Y\n\n__all__ = ["Y"]\n',
        "packages/a/src/lib/broken.py": "def (",
        "tools/other.py": '__all__ = ["Z"]\nZ = 1\n',
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_text(text, "utf-8")
    files = sorted(p.relative_to(tmp_path).as_posix() for p in tmp_path.rglob("*.py"))
    assert public_names(tmp_path, files) == {
        "lib.Thing": Defined("packages/a/src/lib/deep.py", 3, 4),
        "lib.X": Defined("packages/a/src/lib/__init__.py", 4, 4),
    }


def test_name_is_used_through_every_kind_of_import():
    code = "import a.b\nimport a.b as c\nfrom a.b import D as E\n"
    imports = imported_names(code)
    assert imports == {"a": "a", "c": "a.b", "E": "a.b.D"}
    assert used_names("a.b.F(); c.G; E", imports) >= {"a.b.F", "a.b.G", "a.b.D"}


def test_attribute_of_something_else_is_no_use():
    assert used_names("other.D; D = 1", {"D": "a.b.D"}) == {"a.b.D"}
    assert used_names("other.D", {"D": "a.b.D"}) == set()


def test_code_that_does_not_parse_uses_nothing():
    assert imported_names("from a import") == {}
    assert used_names("a.b(", {"a": "a"}) == set()
