"""The committed pins: hashed, exact, and free of any index address."""

import re
from pathlib import Path


def test_every_pin_is_exact_and_hashed(root: Path) -> None:
    text = (root / "requirements/dev.txt").read_text("utf-8")
    pins = re.findall(
        r"^([A-Za-z0-9._-]+)==\S+ \\\n((?:    --hash=sha256:[0-9a-f]{64}.*\n)+)", text, re.M
    )
    names = re.findall(r"^[A-Za-z0-9._-]+", text, re.M)
    assert len(pins) > 90
    assert [name for name, _ in pins] == names


def test_no_file_of_pins_names_an_index(root: Path) -> None:
    files = sorted((root / "requirements").iterdir())
    assert [file.name for file in files][:2] == ["dev.in", "dev.txt"]
    for file in files:
        assert not re.search(r"://|--(extra-)?index-url|--find-links|-i ", file.read_text("utf-8"))
