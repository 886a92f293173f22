"""Whether everything that states a version agrees: bounds, pins, hooks, workflows, what is here.

A repository says in many places which version of a tool or library it wants. The pins in its
requirement files are the answer; every other place is compared with them, and silence about a
package is a finding.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from importlib import metadata
from pathlib import Path

from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name

from sage.tools import toml_lines
from sage.tools.finding import Finding, counted
from sage.tools.versions.files import Files
from sage.tools.versions.pins import read_pins
from sage.tools.versions.statements import (
    Pin,
    Project,
    holds,
    is_outside,
    is_same,
    required_tools,
    requirements_of,
    table_of,
    text_of,
)

__all__ = ["CODES", "VersionReport", "check_versions"]

CODES: Mapping[str, str] = {
    "unpinned-package": "a package is asked for and no requirement file pins it",
    "pin-outside-bounds": "a pin does not satisfy a bound",
    "version-disagrees": "two places state different versions of one thing",
    "installed-disagrees": "what is installed is not what the pins say",
    "python-disagrees": "a Python version lies outside requires-python",
    "unhashed-pin": "a pin has no hash in a file whose pins have",
    "index-address": "a requirement file names an index, which the reader may not have",
    "unreadable-versions": "a file that states versions, or their folder, could not be read",
}

_ELSEWHERE = frozenset({"node_modules", "venv", "site-packages", "tests", "examples", "templates"})
_INLINE = re.compile(r"(?<![\w.=<>!~/-])([A-Za-z][\w.-]*)(?:\[[\w,]+\])?==(\d[\w.+!-]*)")
_AT = re.compile(r"(?:\buvx|\b(?:uv tool|pipx) run)\s(?:.*\s)?([A-Za-z][\w.-]*)@(\d[\w.+!-]*)")
_USES = re.compile(r"""^\s*-?\s*uses:\s*["']?[\w.-]+/(?:setup-)?(?P<tool>[\w.-]+?)(?:-action)?@""")
_WITH = re.compile(r"""(?:^\s*|\{\s*|,\s*)version:\s*["']?v?(?P<version>\d[\w.+!-]*)""")
_PYTHON = re.compile(r"""python-version:\s*(?P<value>\[[^\]]*\]|["']?[\d.]+["']?)""")
_REPO = re.compile(r"^\s*-?\s*repo:\s*['\"]?(?P<url>[^\s'\"]+)")
_REV = re.compile(r"^\s*rev:\s*['\"]?v?(?P<rev>[^\s'\"]+)")


@dataclass(frozen=True, slots=True)
class VersionReport:
    """What `check_versions` compared and found.

    Attributes:
        findings: Sorted.
        pins: How many pins the requirement files hold.
        compared: How many statements were compared, with pins or with each other.
        notes: Sentences on what was not compared.
    """

    findings: tuple[Finding, ...]
    pins: int
    compared: int
    notes: tuple[str, ...] = ()

    def __str__(self) -> str:
        found = counted(len(self.findings), "finding") if self.findings else "no findings"
        pins, statements = counted(self.pins, "pin"), counted(self.compared, "statement")
        return f"{pins}, {statements} compared: {found}"


def check_versions(root: Path, *, installed: bool | None = None) -> VersionReport:
    """Compare every statement of a version under `root` with the pins in its requirement files.

    Args:
        root: The repository.
        installed: Whether to compare what is installed in this environment too; `None` means
            only if one of the repository's own distributions is installed here.

    Raises:
        CannotBegin: `root` is no folder, or may not be opened.
    """
    files = Files(root)
    pins = read_pins(files)
    check = _Check(root, files, pins.by_name, pins.files)
    check.projects()
    if pins.files:
        check.bounds()
        check.hooks()
        check.scripts()
    else:
        check.notes.append(
            "no requirement file with pins (requirements*.txt, requirements/*.txt), so nothing "
            "was compared with pins"
        )
    check.pythons()
    check.own_versions()
    if installed if installed is not None else check.is_installed():
        check.installed()
    else:
        check.notes.append(
            "this repository is not installed here, so installed versions were not compared"
        )
    findings = tuple(sorted(set(files.findings)))
    return VersionReport(findings, len(check.pins), check.compared, tuple(check.notes))


@dataclass
class _Check:
    root: Path
    files: Files
    pins: Mapping[str, Pin]
    pinned_in: Sequence[str]  # the requirement files
    notes: list[str] = field(default_factory=list)
    own: dict[str, Project] = field(default_factory=dict)
    compared: int = 0

    def add(self, path: str, line: int, code: str, message: str) -> None:
        self.files.add(path, line, code, message)

    def projects(self) -> None:
        found = [*self.files.named("pyproject.toml")]
        for pattern in ("*/pyproject.toml", "*/*/pyproject.toml"):
            found += sorted(self.root.glob(pattern))
        for file in found:
            folders = file.relative_to(self.root).parts[:-1]
            if any(folder.startswith(".") or folder in _ELSEWHERE for folder in folders):
                continue
            if not file.is_file() or (text := self.files.read(file)) is None:
                continue
            try:
                data = tomllib.loads(text)
            except tomllib.TOMLDecodeError as error:
                line, why = toml_lines.explain(error, text.encode())
                self.add(self.files.path(file), line, "unreadable-versions", f"is not TOML: {why}")
                continue
            table = table_of(data, "project")
            name, version = text_of(table.get("name")), text_of(table.get("version"))
            project = Project(
                name, version, self.files.path(file), file.parent, data, tuple(text.splitlines())
            )
            self.own[canonicalize_name(name) if name else self.files.path(file)] = project

    @cached_property
    def workflows(self) -> list[Path]:
        return self.files.below(".github", "*.yml", "*.yaml", deep=True)

    # Comparisons

    def bounds(self) -> None:
        """Every requirement of every distribution against the pins."""
        for project in self.own.values():
            for text in requirements_of(project.data):
                self.bound(text, project.path, project.line(text))
            for tool, text in required_tools(project.data):
                if canonicalize_name(tool) in self.pins:
                    line = toml_lines.find(
                        "\n".join(project.lines), "tool", tool, "required-version"
                    )
                    self.bound(f"{tool}{text}", project.path, line)
        for file in self.files.below("requirements", "*.in"):
            for number, row in self.files.lines(file):
                text = row.partition("#")[0].strip()
                if text and not text.startswith("-"):
                    self.bound(text, self.files.path(file), number)

    def bound(self, text: str, path: str, line: int) -> None:
        try:
            wanted = Requirement(text)
        except InvalidRequirement as error:
            why = str(error).splitlines()[0]
            self.add(path, line, "unreadable-versions", f"{text!r} is no requirement: {why}")
            return
        name = canonicalize_name(wanted.name)
        if name in self.own or (wanted.marker and not wanted.marker.evaluate({"extra": ""})):
            return
        pin = self.pins.get(name)
        self.compared += 1
        if pin is None:
            where = ", ".join(self.pinned_in)
            message = f"{wanted.name} is asked for and not pinned in {where}; pin it (`make lock`)"
            self.add(path, line, "unpinned-package", message)
        elif is_outside(pin.version, wanted.specifier):
            message = (
                f"asks for {text}, and {pin.path}:{pin.line} pins {pin.version}; "
                "change the bound, or pin anew"
            )
            self.add(path, line, "pin-outside-bounds", message)

    def hooks(self) -> None:
        """Revisions of pre-commit hooks against the pins."""
        for file in self.files.named(".pre-commit-config.yaml", ".pre-commit-config.yml"):
            tool = ""
            for number, row in self.files.lines(file):
                if match := _REPO.match(row):
                    tool = self.tool(match["url"])
                elif (match := _REV.match(row)) and tool:
                    self.agree(tool, match["rev"], file.name, number)

    def tool(self, url: str) -> str:
        """The pinned package that a hook's repository wraps; empty where none does."""
        last = canonicalize_name(url.rstrip("/").removesuffix(".git").rpartition("/")[2])
        plain = last.removeprefix("mirrors-").removesuffix("-pre-commit").removesuffix("-mirror")
        return next((name for name in (last, plain) if name in self.pins), "")

    def scripts(self) -> None:
        """`name==version` wherever a workflow, a script or a Makefile says it."""
        for file in (
            *self.workflows,
            *self.files.below(".ci", "*"),
            *self.files.below("tools", "*.sh", deep=True),
            *self.files.below("", "Dockerfile*"),
            *self.files.named("Makefile", "tox.ini", "noxfile.py", ".pre-commit-config.yaml"),
        ):
            tool = ""
            for number, row in self.files.lines(file):
                row = row.partition(" #")[0]
                found = [*_INLINE.findall(row), *_AT.findall(row)]
                if match := _USES.match(row):
                    tool = match["tool"]
                elif row.lstrip().startswith("- "):
                    tool = ""  # another step
                if tool and (match := _WITH.search(row)):
                    found.append((tool, match["version"]))
                for name, version in found:
                    if (pinned := canonicalize_name(name)) in self.pins:
                        self.agree(pinned, version, self.files.path(file), number)

    def agree(self, name: str, version: str, path: str, line: int) -> None:
        pin = self.pins[name]
        self.compared += 1
        if is_same(pin.version, version):
            return
        message = (
            f"takes {name} {version}, and {pin.path}:{pin.line} pins {pin.version}; take the pin's"
        )
        self.add(path, line, "version-disagrees", message)

    def pythons(self) -> None:
        """Every Python version that is named against requires-python."""
        bounds: dict[str, SpecifierSet] = {}
        for project in self.own.values():
            text = text_of(table_of(project.data, "project").get("requires-python"))
            try:
                bounds[project.path] = SpecifierSet(text)
            except InvalidSpecifier:
                message = f"requires-python {text!r} is no version specifier"
                line = project.line("requires-python")
                self.add(project.path, line, "unreadable-versions", message)
        for value, path, line in self.python_versions():
            for place, bound in bounds.items():
                self.compared += 1
                if is_outside(value, bound):
                    message = f"takes Python {value}, and {place} requires {bound}; take one"
                    self.add(path, line, "python-disagrees", message)
                    break  # the others require much the same
        self.same_pythons(bounds)

    def same_pythons(self, bounds: Mapping[str, SpecifierSet]) -> None:
        texts = {path: str(bound) for path, bound in bounds.items() if str(bound)}
        if len(set(texts.values())) > 1:
            first, *others = texts
            for path in others:
                if texts[path] != texts[first]:
                    message = f"requires Python {texts[path]}, and {first} {texts[first]}; take one"
                    line = next(p for p in self.own.values() if p.path == path).line(
                        "requires-python"
                    )
                    self.add(path, line, "python-disagrees", message)

    def python_versions(self) -> Iterator[tuple[str, str, int]]:
        for file in self.workflows:
            for number, row in self.files.lines(file):
                if match := _PYTHON.search(row):
                    for value in re.findall(r"\d+\.\d+(?:\.\d+)?", match["value"]):
                        yield value, self.files.path(file), number
        for file in self.files.named(".python-version"):
            if text := (self.files.read(file) or "").strip():
                yield text.splitlines()[0], file.name, 1
        for project in self.own.values():
            tool = table_of(project.data, "tool")
            if value := text_of(table_of(tool, "mypy").get("python_version")):
                yield value, project.path, project.line("python_version")
            if match := re.fullmatch(
                r"py3(\d+)", text_of(table_of(tool, "ruff").get("target-version"))
            ):
                yield f"3.{match[1]}", project.path, project.line("target-version")

    def own_versions(self) -> None:
        """What the repository's distributions ask of each other against what they are."""
        for project in self.own.values():
            for text in requirements_of(project.data):
                try:
                    wanted = Requirement(text)
                except InvalidRequirement:
                    continue  # `bounds` says so
                other = self.own.get(canonicalize_name(wanted.name))
                if other is None or not other.version:
                    continue
                self.compared += 1
                if is_outside(other.version, wanted.specifier):
                    message = (
                        f"asks for {text}, and {other.path} says {other.version}; "
                        "raise both together"
                    )
                    self.add(project.path, project.line(text), "version-disagrees", message)

    # What is installed

    def is_installed(self) -> bool:
        return any(self.installed_from_here(name) for name in self.own)

    def installed_from_here(self, name: str) -> bool:
        """Whether this environment holds that distribution, linked to this very folder."""
        try:
            origin = metadata.distribution(name).read_text("direct_url.json") or ""
        except metadata.PackageNotFoundError:
            return False
        return self.own[name].folder.resolve().as_uri() in origin

    def installed(self) -> None:
        for name, project in self.own.items():
            # The meta-package at the root is for users; working on it needs only its parts.
            needed = project.folder != self.root or self.installed_from_here(name)
            if needed and project.name and project.version:
                self.is_here(name, project.version, project.path, project.line("version"))
        for pin in self.pins.values():
            if not pin.marker or holds(pin.marker):
                self.is_here(pin.name, pin.version, pin.path, pin.line)

    def is_here(self, name: str, version: str, path: str, line: int) -> None:
        self.compared += 1
        try:
            here = metadata.version(name)
        except metadata.PackageNotFoundError:
            message = f"{name} {version} is not installed here; install it (`make setup`)"
            self.add(path, line, "installed-disagrees", message)
            return
        if not is_same(here, version):
            message = f"says {name} {version}, and {here} is installed here; run `make setup`"
            self.add(path, line, "installed-disagrees", message)
