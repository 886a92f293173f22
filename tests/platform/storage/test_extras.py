"""The backends' libraries are optional, and what is missing is named."""

import subprocess
import sys

import pytest

WITHOUT = """
import sys

class Missing:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {"redis", "rocksdict", "starlette", "uvicorn", "ray", "grpc"}:
            raise ModuleNotFoundError(f"No module named {name!r}", name=name)

sys.meta_path.insert(0, Missing())
"""


def run(program):
    command = [sys.executable, "-c", WITHOUT + program]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_importing_storage_and_service_needs_no_extra():
    done = run("""
import sage.platform.service, sage.platform.storage
with sage.platform.storage.open_store("memory://") as store:
    store.set("a", 1)
    print(store.get("a"))
""")
    assert (done.returncode, done.stdout, done.stderr) == (0, "1\n", "")


@pytest.mark.parametrize(
    ("program", "library", "extra"),
    [
        ("open_store('redis://localhost/0')", "redis", "redis"),
        ("open_store('rocksdb:///tmp/never-made')", "rocksdict", "rocksdb"),
        ("HealthServer(lambda: Health()).open()", "starlette", "http"),
    ],
)
def test_a_missing_library_names_the_extra_that_brings_it(program, library, extra):
    done = run(f"""
from sage.common.errors import MissingExtra
from sage.platform.service import Health, HealthServer
from sage.platform.storage import open_store
try:
    {program}
except MissingExtra as error:
    print(error, isinstance(error, ImportError))
""")
    expected = f"{library} is not installed; run: pip install 'sage-platform[{extra}]' True\n"
    assert (done.stdout, done.stderr) == (expected, "")
