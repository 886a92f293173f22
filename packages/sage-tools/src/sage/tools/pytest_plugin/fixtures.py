"""pytest's fixtures for a page that names some: the one place that uses what pytest keeps private.

pytest has no public way to set fixtures up for anything but a test function.
"""

import pytest
from _pytest.fixtures import TopRequest

__all__ = ["Fixtures"]


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
        self._request = TopRequest(self, _ispytest=True)  # type: ignore[arg-type]

    def setup(self) -> None:
        """Set up the fixtures."""
        self._request._fillfixtures()

    def values(self) -> dict[str, object]:
        """The values of the fixtures that the page names."""
        return {name: self._request.getfixturevalue(name) for name in self._names}

    def runtest(self) -> None:
        """Nothing: it only holds."""
