"""The records that layer.yaml names, as citations: no rule may rest on one that is not there."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from sage.tools.finding import CannotBegin, Finding
from sage.tools.quality.names import read_all_logs

if TYPE_CHECKING:
    from sage.tools.adr.citations import Citation
    from sage.tools.layers import Spec

__all__ = ["check_layer_citations", "layer_citations"]


def layer_citations(root: Path, spec: "Spec") -> Iterator["Citation"]:
    """What the rules, the exceptions and the checklist of layer.yaml cite."""
    if not spec.cited:
        return
    from sage.tools.adr.citations import citations_in
    from sage.tools.layers.spec import FILE

    lines = (root / FILE).read_text("utf-8-sig").splitlines()
    for number, line in spec.cited:
        name = f"ADR-{number:04d}"
        text = lines[line - 1].strip()  # with what it says in a comment, such as `adr: elsewhere`
        for each in citations_in(f"{name} {text}", FILE):
            if each.record == name:
                yield replace(each, line=line, text=text)


def check_layer_citations(root: Path, spec: "Spec") -> tuple[Finding, ...]:
    """What is wrong with the records that layer.yaml names; nothing where there are no records."""
    citations = list(layer_citations(root, spec))
    if not citations:
        return ()
    from sage.tools.adr.citations import check_citations
    from sage.tools.adr.log import read_ruling
    from sage.tools.adr.place import find_folder
    from sage.tools.settings import load_settings

    try:
        folder = find_folder(root, load_settings(root).adr_dir)
        ids = {each.record for each in citations}
        log = read_ruling(folder, root=root, files=(), ids=ids)  # most often these are enough
        logs = read_all_logs(root)[1] if check_citations(citations, log) else [log]
    except CannotBegin:  # `sage-dev adr lint` says what is wrong with the folder
        return ()
    return tuple(check_citations(citations, *logs))
