"""Score kinds of pages with Lighthouse, the median of five runs each: `python tools/lighthouse.py`.

Lighthouse is fetched by npx, in the version below; Node 20 and Chromium are needed. Its scores of
performance suffer from whatever else the machine does: let nothing else run.
"""

import argparse
import json
import os
import shutil
import subprocess
import sys
import tempfile
import threading
from collections.abc import Mapping, Sequence
from pathlib import Path
from statistics import median

from serve import serve

LIGHTHOUSE = "lighthouse@12.8.2"
PAGES = {
    "home": "",
    "index": "adr/",
    "record": "adr/0002/",
    "names": "reference/platform-queue/",
    "reference": "reference/platform-service/services/",
    "guide": "guides/packages/sage-platform/queue/",
    "chinese": "zh/adr/0002/",
}
BOUNDS = {"performance": 0.95, "accessibility": 1.0, "best-practices": 1.0, "seo": 1.0}
FLAGS = "--headless=new --no-sandbox --disable-gpu"

Scores = dict[str, float]


def medians(runs: Sequence[Mapping[str, float]]) -> Scores:
    """The median of each category over `runs`."""
    return {name: median(run[name] for run in runs) for name in BOUNDS}


def missed(scores: Mapping[str, float]) -> list[str]:
    """The categories whose score lies below its bound."""
    return [name for name, bound in BOUNDS.items() if scores[name] < bound]


def read_scores(report: str) -> Scores:
    """The scores, 0 to 1, in a report that Lighthouse wrote as JSON; a failed one counts 0."""
    categories = json.loads(report)["categories"]
    return {name: categories[name]["score"] or 0.0 for name in BOUNDS}


def measure(npx: str, chromium: Path, address: str) -> Scores:
    """One run of Lighthouse on one page, as on a phone; raises `RuntimeError` if it fails."""
    with tempfile.TemporaryDirectory() as folder:
        done = subprocess.run(
            [
                *(npx, "--yes", LIGHTHOUSE, address, "--quiet", f"--chrome-flags={FLAGS}"),
                *("--output=json", "--output-path=stdout"),
                f"--only-categories={','.join(BOUNDS)}",
            ],
            cwd=folder,
            env={**os.environ, "CHROME_PATH": str(chromium)},
            capture_output=True,
            text=True,
            check=False,
        )
    if done.returncode != 0:
        raise RuntimeError(f"{LIGHTHOUSE} failed on {address}: {done.stderr.strip()[-600:]}")
    return read_scores(done.stdout)


def main(words: Sequence[str] | None = None) -> int:
    """Print a table; 1 when a median lies below its bound, 2 when nothing can be measured."""
    parser = argparse.ArgumentParser(description="Score kinds of pages with Lighthouse.")
    parser.add_argument("site", nargs="?", type=Path, default=Path("site"))
    parser.add_argument("pages", nargs="*", help=f"of: {', '.join(PAGES)}; all if none is named")
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--chromium", type=Path, default=Path("/usr/bin/chromium"))
    options = parser.parse_args(words)
    npx = shutil.which("npx")
    why = _obstacle(options, npx)
    if why or npx is None:
        print(f"lighthouse: {why}", file=sys.stderr)
        return 2
    server = serve(options.site, 0)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    try:
        return _report(npx, options, f"http://127.0.0.1:{server.server_address[1]}/")
    except RuntimeError as error:
        print(f"lighthouse: {error}", file=sys.stderr)
        return 2
    finally:
        server.shutdown()
        server.server_close()


def _obstacle(options: argparse.Namespace, npx: str | None) -> str:
    unknown = sorted(set(options.pages) - set(PAGES))
    if unknown:
        return f"no page is called {unknown[0]}; known: {', '.join(PAGES)}"
    if options.runs < 1:
        return f"--runs is {options.runs}; give 1 or more"
    if not (options.site / "index.html").is_file():
        return f"{options.site} holds no built site; run `make build`"
    if npx is None:
        return "there is no npx; install Node 20 with npm"
    return "" if options.chromium.exists() else f"there is no {options.chromium}; install chromium"


def _report(npx: str, options: argparse.Namespace, address: str) -> int:
    low = []
    print("  ".join(["page".ljust(10), *BOUNDS]))
    for name in options.pages or PAGES:
        runs = [measure(npx, options.chromium, address + PAGES[name]) for _ in range(options.runs)]
        scores = medians(runs)
        cells = [f"{scores[kind]:.2f}".rjust(len(kind)) for kind in BOUNDS]
        print("  ".join([name.ljust(10), *cells]), flush=True)
        low += [f"{name}: {kind} {scores[kind]:.2f} < {BOUNDS[kind]}" for kind in missed(scores)]
    for line in low:
        print(line, file=sys.stderr)
    return 1 if low else 0


if __name__ == "__main__":
    sys.exit(main())
