"""Services that write down what happens to them."""

import threading

import pytest

from sage.platform.service import BaseService


class Recorder(BaseService):
    """Adds `name.phase` to a shared diary, and raises or waits where it is told to."""

    def __init__(self, diary, *, needs=(), fail=(), hang=(), checks=(), deadlines=None):
        self.diary = diary
        self.needs = needs
        self.fail = fail
        self.hang = hang
        self.named = checks
        self.deadlines = deadlines
        self.released = threading.Event()

    def _note(self, phase):
        self.diary.append(f"{self.name}.{phase}")
        if phase in self.hang:
            self.released.wait(30)
        if phase in self.fail:
            raise OSError(f"{self.name} cannot {phase}")

    def setup(self):
        self._note("setup")

    def start(self):
        self._note("start")

    def stop(self):
        self._note("stop")

    def cleanup(self):
        self._note("cleanup")

    def checks(self):
        return self.named

    def process(self, item):
        return f"{self.name} got {item}"


@pytest.fixture
def diary():
    return []


@pytest.fixture
def recorder(diary):
    """Make services that share one diary; those that hang are let go at the end."""
    made = []

    def make(**options):
        made.append(Recorder(diary, **options))
        return made[-1]

    yield make
    for service in made:
        service.released.set()
