"""Write down the public API of a release, and compare the source with the last one (ADR-0002).

    python packages/sage-platform/api/api.py 0.2.0

writes `0.2.0.json` beside this file; run it when that version is released, never to silence the
test that compares.
"""

import json
import sys
from pathlib import Path
from typing import Any

import griffe

HERE = Path(__file__).resolve().parent
SOURCE = HERE.parent / "src"
DROPPED = {"docstring", "git_info", "source_link"}


def read_source(source: Path = SOURCE) -> griffe.Module:
    """Return the package as its source has it now."""
    loader = griffe.GriffeLoader(search_paths=[source])
    loader.load("sage.platform", try_relative_path=False)
    return loader.modules_collection["sage"]


def last_release() -> Path:
    """Return the file of the highest version."""
    return max(HERE.glob("*.json"), key=lambda path: [int(n) for n in path.stem.split(".")])


def read_release(path: Path) -> griffe.Module:
    """Return the package as a release had it."""
    package = griffe.Module.from_json(path.read_text(encoding="utf-8"))
    collection = griffe.ModulesCollection()
    collection["sage"] = package
    package._modules_collection = collection  # so that names imported elsewhere resolve
    return package


def breaking_changes(old: griffe.Module, new: griffe.Module) -> list[str]:
    """Return a sentence for each way in which code written for `old` fails with `new`."""
    changes = griffe.find_breaking_changes(old["platform"], new["platform"])
    return [change.explain(griffe.ExplanationStyle.ONE_LINE) for change in changes]


def dump(package: griffe.Module) -> str:
    """Return the public API as JSON, without what differs from machine to machine."""
    return json.dumps(_trim(json.loads(package.as_json())), sort_keys=True) + "\n"


def _trim(node: Any) -> Any:
    if isinstance(node, list):
        return [_trim(part) for part in node]
    if not isinstance(node, dict):
        return node
    kept = {key: _trim(part) for key, part in node.items() if key not in DROPPED}
    for place in {"lineno", "endlineno"} & set(kept):
        kept[place] = 0  # griffe wants them; where a name stands is no part of the API
    if "filepath" in kept:
        paths = kept["filepath"]
        paths = [paths] if isinstance(paths, str) else paths
        relative = [str(Path(path).relative_to(SOURCE)) for path in paths]
        kept["filepath"] = relative if isinstance(node["filepath"], list) else relative[0]
    return kept


if __name__ == "__main__":
    target = HERE / f"{sys.argv[1]}.json"
    target.write_text(dump(read_source()), encoding="utf-8")
    print(f"wrote {target.relative_to(Path.cwd())}")
