"""The checks by name: each asks one room, and says what it found in one line."""

import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import suppress
from dataclasses import replace
from pathlib import Path

from sage.tools.finding import CannotBegin, Finding, counted
from sage.tools.quality.cited import layer_citations
from sage.tools.quality.model import Changed, Part
from sage.tools.quality.names import NothingToDo, read_all_logs, record_names

__all__ = ["PARTS", "run_part"]


def run_part(name: str, root: Path, changed: Changed = None) -> Part:
    """Run one part here and now; never raises for a fault of the repository."""
    started = time.perf_counter()
    try:
        part = PARTS[name](root, changed)
    except NothingToDo as reason:
        part = Part(name, skipped=str(reason))
    except CannotBegin as error:
        part = Part(name, error=str(error))
    return replace(part, seconds=time.perf_counter() - started)


def _layers(root: Path, changed: Changed) -> Part:
    from sage.tools.layers import check_layers
    from sage.tools.layers.check import CACHE

    try:
        report = check_layers(root, resolve=record_names(root), cache=root / CACHE)
    except CannotBegin as error:
        if (root / "layer.yaml").exists():
            raise
        raise NothingToDo(str(error)) from error
    return Part("layers", report.folded(), str(report), report.notes)


def _versions(root: Path, changed: Changed) -> Part:
    from sage.tools.versions import check_versions

    report = check_versions(root)
    return Part("versions", report.findings, str(report), report.notes)


def _records(root: Path, changed: Changed) -> Part:
    from sage.tools.adr import check_log

    settings, logs = read_all_logs(root)
    findings = [
        finding for log in logs for finding in check_log(log, sections=settings.adr_sections)
    ]
    count = sum(len(log.records) for log in logs)
    return Part(
        "records", tuple(sorted(findings)), f"{counted(count, 'record')}: {_found(findings)}"
    )


def _citations(root: Path, changed: Changed) -> Part:
    from sage.tools.adr import check_citations, find_citations
    from sage.tools.layers import load_spec

    settings, logs = read_all_logs(root)
    folders = tuple(f"{log.directory.relative_to(root).as_posix()}/" for log in logs)
    folders += ("pyproject.toml",)  # which says where the records are, and what is left out
    paths: list[Path] = []
    if changed is not None and not any(path.startswith(folders) for path in changed):
        paths = [root / path for path in sorted(changed) if (root / path).is_file()]
        if not paths:
            raise NothingToDo("the change only takes files away")
    found = find_citations(root, paths, exclude=settings.adr_cited_exclude)
    if changed is None or not paths or "layer.yaml" in changed:
        with suppress(CannotBegin):  # the part `layers` says what is wrong with its file
            found += layer_citations(root, load_spec(root))
    findings = check_citations(found, *logs)
    files = len({citation.path for citation in found})
    summary = f"{counted(len(found), 'citation')} in {counted(files, 'file')}: {_found(findings)}"
    return Part("citations", tuple(findings), summary)


def _claims(root: Path, changed: Changed) -> Part:
    from sage.tools.claims import Facts, check_claims, find_pages
    from sage.tools.layers import load_spec

    spec = load_spec(root)
    if not spec.given:
        raise NothingToDo("there is no layer.yaml to hold pages to")
    pages = find_pages(root, ("adr", "docs_src", "docs", "README.md", "CONTRIBUTING.md"))
    if changed is not None and "layer.yaml" not in changed:
        pages = [page for page in pages if page.relative_to(root).as_posix() in changed]
    packages = {package.name: package.layer for package in spec.packages}
    present = sum(package.present for package in spec.packages)
    findings = check_claims(root, pages, Facts(spec.layers, packages, present))
    return Part("claims", tuple(findings), f"{counted(len(pages), 'page')}: {_found(findings)}")


def _snippets(root: Path, changed: Changed) -> Part:
    from sage.tools.settings import load_settings
    from sage.tools.snippets import Evidence, load_page_settings
    from sage.tools.snippets.run import Runner
    from sage.tools.snippets.suite import (
        default_paths,
        find_files,
        find_pages,
        finding_of,
        run_pages,
        summary,
    )

    started = time.perf_counter()
    settings = load_page_settings(root)
    wanted = default_paths(root, load_settings(root).snippets_paths)
    if not wanted:
        raise NothingToDo("there is no folder of pages")
    with Runner(root, settings) as runner:
        files = find_files(wanted, root, settings)
        if not files:
            raise NothingToDo("the folders of pages hold no page")
        pages = list(find_pages(runner.finder, files, self_check=settings.self_check))
        evidence = Evidence.read(root)
        results = list(run_pages(runner, pages, evidence, changed=True))
        evidence.write()
        runner.finder.save()
        findings = [one for result in results if (one := finding_of(result))]
        findings += [finding for page in pages for finding in page.findings]
        findings += runner.finder.findings
    first, *rest = summary(results, time.perf_counter() - started, read=len(files)).splitlines()
    notes = tuple(row.strip() for row in rest)
    return Part("snippets", tuple(sorted(set(findings))), first.partition(";")[0], notes)


PARTS: Mapping[str, Callable[[Path, Changed], Part]] = {
    "layers": _layers,
    "versions": _versions,
    "records": _records,
    "citations": _citations,
    "claims": _claims,
    "snippets": _snippets,
}
"""The checks by name, in the order in which they are reported."""


def _found(findings: Sequence[Finding]) -> str:
    return counted(len(findings), "finding") if findings else "no findings"
