"""The same source builds strictly with ProperDocs, in an environment that has no MkDocs."""

import os
import subprocess
import sys
import sysconfig
from pathlib import Path

import pytest

pytestmark = pytest.mark.slow

RUN = """
import runpy, sys
sys.path[:0] = sys.argv[1].split({separator!r})
sys.argv = ["properdocs", *sys.argv[2:]]
runpy.run_module("properdocs", run_name="__main__")
"""


@pytest.fixture(scope="module")
def environment(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Every installed distribution but MkDocs itself, in a folder of its own.

    MkDocs' metadata stays: the layer check asks it who provides the name `mkdocs`.
    """
    folder = tmp_path_factory.mktemp("environment")
    for path in Path(sysconfig.get_paths()["purelib"]).iterdir():
        if path.name == "mkdocs" or path.suffix == ".pth":
            continue
        (folder / path.name).symlink_to(path)
    return folder


@pytest.fixture(scope="module")
def rebuilt(root: Path, environment: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The site as ProperDocs builds it."""
    folder = tmp_path_factory.mktemp("properdocs")
    places = [str(environment), *(str(path) for path in sorted(root.glob("packages/*/src")))]
    done = subprocess.run(
        [
            *(sys.executable, "-I", "-S", "-c", RUN.format(separator=os.pathsep)),
            *(os.pathsep.join(places), "build", "--strict"),
            *("--config-file", "mkdocs.yml", "--site-dir", str(folder)),
        ],
        cwd=root,
        env={
            **os.environ,
            "PATH": os.pathsep.join([str(Path(sys.executable).parent), os.environ["PATH"]]),
            "SAGE_SITE_STALE": "show",
        },
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr[-4000:]
    assert "Building documentation" in done.stderr
    return folder


def test_environment_has_no_mkdocs(environment: Path) -> None:
    names = {path.name for path in environment.iterdir()}
    assert "properdocs" in names
    assert "mkdocs" not in names


def test_properdocs_builds_the_same_files(rebuilt: Path, site: Path) -> None:
    def files(folder: Path) -> set[str]:
        return {
            path.relative_to(folder).as_posix()
            for path in folder.rglob("*")
            if path.is_file() and not path.name.startswith("sitemap")
        }

    assert len(files(site)) > 100
    assert files(rebuilt) == files(site)


@pytest.mark.parametrize(
    "words",
    [
        '<span class="sd-badge sd-badge--accepted"',
        'class="sd-cite sd-cite--accepted"',
        '<span class="sd-run sd-run--',
        'id="evidence"',
    ],
)
def test_record_has_its_badge_citations_runs_and_evidence(rebuilt: Path, words: str) -> None:
    assert words in (rebuilt / "adr/0002/index.html").read_text("utf-8")


def test_indexes_and_feeds_are_the_same(rebuilt: Path, site: Path) -> None:
    for name in ("adr/index.json", "adr/feed.xml", "llms.txt", "ADR-0002/index.html"):
        assert (rebuilt / name).read_bytes() == (site / name).read_bytes()
