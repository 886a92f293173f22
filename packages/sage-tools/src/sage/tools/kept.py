"""`.sage-dev/`: what a run keeps for the next. The folder keeps itself out of Git."""

import os
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sage.tools.finding import CannotBegin

__all__ = ["keep", "keeping"]


def keep(file: Path, text: str) -> None:
    """Write `text` beside its final place and move it there, whole or not at all.

    Raises:
        CannotBegin: It cannot be written, as on a full disk.
    """
    part = file.with_name(f"{file.name}.{os.getpid()}")
    with keeping(file):
        try:
            # Names of files, and what a snippet prints, may hold halves of characters.
            with part.open("w", encoding="utf-8", errors="surrogatepass") as stream:
                stream.write(text)
                stream.flush()
                os.fsync(stream.fileno())
            part.replace(file)
        except OSError:
            with suppress(OSError):
                part.unlink()
            raise


@contextmanager
def keeping(file: Path) -> Iterator[None]:
    """Make the folder of `file`, and tell what stops a write to it in a sentence.

    Raises:
        CannotBegin: The file or its folder cannot be written.
    """
    try:
        file.parent.mkdir(exist_ok=True)
        ignore = file.parent / ".gitignore"
        if not ignore.exists():
            ignore.write_text("*\n", "utf-8")
        yield
    except OSError as error:
        raise CannotBegin(f"{file}: cannot be written: {error.strerror}") from error
