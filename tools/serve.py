"""Serve a built site on loopback, compressed as a real host would: `python tools/serve.py`."""

import argparse
import errno
import gzip
import io
import sys
from collections.abc import Sequence
from functools import partial
from http import HTTPStatus
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import BinaryIO

__all__ = ["Handler", "Server", "main", "serve"]

COMPRESSED = (".html", ".css", ".js", ".json", ".svg", ".xml", ".txt", ".md")


class Handler(SimpleHTTPRequestHandler):
    """Files of one folder, gzip where it pays, and the site's own page where there is none."""

    protocol_version = "HTTP/1.1"
    quiet = True
    extensions_map = {  # noqa: RUF012 (the base class's own attribute)
        **SimpleHTTPRequestHandler.extensions_map,
        ".js": "text/javascript; charset=utf-8",
        ".html": "text/html; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".md": "text/markdown; charset=utf-8",
        ".txt": "text/plain; charset=utf-8",
        ".xml": "application/xml; charset=utf-8",
        ".json": "application/json; charset=utf-8",
    }

    def send_head(self) -> io.BytesIO | BinaryIO | None:
        """The answer's head, and its body compressed where the client takes that."""
        path = Path(self.translate_path(self.path))
        if path.is_dir():
            if not self.path.split("?")[0].endswith("/"):
                return super().send_head()
            path = path / "index.html"
        if not path.is_file():
            return self._answer(HTTPStatus.NOT_FOUND, Path(self.directory) / "404.html")
        return self._answer(HTTPStatus.OK, path)

    def log_message(self, format: str, *args: object) -> None:
        """Say nothing: the address is all that a reader of the terminal needs."""
        if not self.quiet:
            super().log_message(format, *args)

    def _answer(self, status: HTTPStatus, path: Path) -> io.BytesIO:
        body = path.read_bytes() if path.is_file() else b"Not found"
        small = path.suffix in COMPRESSED and "gzip" in self.headers.get("Accept-Encoding", "")
        if small:
            body = gzip.compress(body, 6)
        self.send_response(status)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-cache")
        if small:
            self.send_header("Content-Encoding", "gzip")
        self.end_headers()
        return io.BytesIO(body)


class Server(ThreadingHTTPServer):
    """A thread a connection; a visitor who leaves early is no error."""

    daemon_threads = True

    def handle_error(self, request: object, client_address: object) -> None:
        """Report what went wrong, unless the visitor just went away."""
        if not isinstance(sys.exc_info()[1], ConnectionError):
            super().handle_error(request, client_address)


def serve(folder: Path, port: int) -> Server:
    """A server of `folder` on 127.0.0.1, bound and not yet running; port 0 takes a free one."""
    return Server(("127.0.0.1", port), partial(Handler, directory=str(folder)))


def main(words: Sequence[str] | None = None) -> int:
    """Serve until interrupted; 2 when there is nothing to serve, or the port is taken.

    `--check` asks for the port alone, before a build that would be waited for in vain.
    """
    parser = argparse.ArgumentParser(description="Serve a built site on loopback.")
    parser.add_argument("folder", nargs="?", type=Path, default=Path("site"))
    parser.add_argument("--port", type=int, default=8000, help="0 takes a free one")
    parser.add_argument("--check", action="store_true", help="only see whether the port is free")
    options = parser.parse_args(words)
    if not options.check and not (options.folder / "index.html").is_file():
        print(f"serve: {options.folder} holds no built site; run `make build`", file=sys.stderr)
        return 2
    try:
        server = serve(options.folder, options.port)
    except (OSError, OverflowError) as error:
        taken = isinstance(error, OSError) and error.errno == errno.EADDRINUSE
        why = "is taken" if taken else f"cannot be had: {error}"
        other = options.port + 1 if taken and options.port < 65535 else 8001
        print(
            f"serve: port {options.port} {why}; try another, as in `PORT={other} make site`",
            file=sys.stderr,
        )
        return 2
    if options.check:
        server.server_close()
        return 0
    host, port = server.server_address[:2]
    print(f"The site is at http://{host!s}:{port}/  (Ctrl-C ends it)", flush=True)
    try:
        server.serve_forever()
    except KeyboardInterrupt:
        print()
    finally:
        server.server_close()
    return 0


if __name__ == "__main__":
    sys.exit(main())
