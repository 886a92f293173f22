"""pytest's fixtures for a page that names some: the one place that uses what pytest keeps private.

pytest has no public way to set fixtures up for anything but a test function.
"""

import traceback
from pathlib import PurePath

import pytest
from _pytest.fixtures import FixtureLookupError, TopRequest
from _pytest.tmpdir import tmppath_result_key

from sage.tools.snippets.model import Outcome, Status

__all__ = ["Fixtures"]

ASIDE = {"_pytest", "pluggy"}  # whose frames tell nothing of a fixture


class Fixtures(pytest.Item):
    """Never collected: what pytest sets a page's fixtures up for."""

    def __init__(self, *, names: tuple[str, ...], **words: object) -> None:
        super().__init__(**words)  # type: ignore[arg-type]
        self.obj = None
        self.add_marker(pytest.mark.usefixtures(*names))
        self._names = names
        manager = self.session._fixturemanager
        self._fixtureinfo = manager.getfixtureinfo(node=self, func=None, cls=None)
        self.fixturenames = self._fixtureinfo.names_closure
        self.funcargs: dict[str, object] = {}
        self.stash[tmppath_result_key] = {}  # which `tmp_path` looks into when it is torn down
        self._request = TopRequest(self, _ispytest=True)  # type: ignore[arg-type]

    def set_up(self) -> Outcome | None:
        """Set up the fixtures; the outcome of all of the page's snippets where that cannot be."""
        try:
            self.session._setupstate.setup(self)
        except pytest.skip.Exception as reason:
            return Outcome(Status.SKIPPED, message=str(reason.msg))
        except (Exception, pytest.fail.Exception) as error:  # a fixture may raise anything
            message, detail = _described(error)
            message = f"the page's fixtures failed: {message}"
            return Outcome(Status.FAILED, message=message, detail=detail)
        return None

    def setup(self) -> None:
        """Set up the fixtures."""
        self._request._fillfixtures()

    def values(self) -> dict[str, object]:
        """The values of the fixtures that the page names."""
        return {name: self._request.getfixturevalue(name) for name in self._names}

    def runtest(self) -> None:
        """Nothing: it only holds."""


def _described(error: BaseException) -> tuple[str, str]:
    """What went wrong in one line, and where."""
    if isinstance(error, FixtureLookupError):
        return f"there is no fixture {error.argname}; `pytest --fixtures` lists those there are", ""
    if isinstance(error, pytest.fail.Exception):
        first, _, rest = str(error.msg).strip().partition("\n")
        return first.rstrip(":"), rest.strip()
    frames = traceback.extract_tb(error.__traceback__)
    own = [
        frame
        for frame in frames
        if frame.filename != __file__ and not ASIDE.intersection(PurePath(frame.filename).parts)
    ]
    said = "".join(traceback.format_exception_only(error)).rstrip()
    where = "".join(traceback.format_list(own))
    return said, f"Traceback (most recent call last):\n{where}{said}"
