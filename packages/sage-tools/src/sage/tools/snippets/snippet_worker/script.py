"""The code of a page as a module's text: what a process of its own imports as `__main__`."""

import marshal
from collections.abc import Iterable, Sequence
from types import CodeType

__all__ = ["Script"]

AWAITS = 0x80  # CO_COROUTINE: a module cannot await at its top level
FUTURES = 0x1FE0000  # CO_FUTURE_…: a module imports from `__future__` at its start only
RUN = "exec(__import__('marshal').loads({!r}))\n"
AWAIT = "__import__('asyncio').run(eval(__import__('marshal').loads({!r})))\n"


class Script:
    """The lines of a page's code, each where the page has it."""

    def __init__(self, lines: Sequence[str]) -> None:
        self._lines = list(lines)

    def leave_out(self, line: int, size: int) -> None:
        """Take away what raised an exception: it would raise it again."""
        self._lines[line - 1 : line - 1 + size] = ["\n"] * size

    def adapt(
        self,
        examples: Iterable[tuple[int, CodeType | None, bool]],
        shown: Iterable[tuple[int, str]],
    ) -> None:
        """Put in its compiled form what no module may say, and leave expected exceptions out."""
        codes = ((code, raises) for _, code, raises in examples if code is not None)
        for (code, raises), (line, source) in zip(codes, shown, strict=True):
            size = source.rstrip("\n").count("\n") + 1
            if raises:
                self.leave_out(line, size)
            elif code.co_flags & (AWAITS | FUTURES):
                self.leave_out(line, size)
                form = AWAIT if code.co_flags & AWAITS else RUN
                self._lines[line - 1] = form.format(marshal.dumps(code))

    def write(self, file: str, until: int) -> None:
        """Write the lines up to `until`."""
        with open(file, "w", encoding="utf-8") as stream:  # noqa: PTH123
            stream.writelines(self._lines[:until])
