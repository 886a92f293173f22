"""The three probes over HTTP, in the words that Kubernetes uses."""

import socket
import threading
from typing import TYPE_CHECKING, Self

from sage.common.errors import MissingExtra
from sage.platform.service.errors import ServiceError
from sage.platform.service.health import Health, HealthReport

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    import uvicorn
    from starlette.applications import Starlette
    from starlette.requests import Request
    from starlette.responses import Response

__all__ = ["HealthServer"]


class HealthServer:
    """Answers `/livez`, `/readyz` and `/startupz`: 200 when healthy, 503 when not, JSON either way.

    It serves in a thread of its own, so that it answers while services start and when the runner's
    event loop is stuck. Needs `pip install 'sage-platform[http]'`.

    Args:
        health: A function that returns the health to ask, such as `lambda: runner.health`.
        host: Where to listen; only this machine by default.
        port: 0 takes a free one; read `url` for it.

    Raises:
        MissingExtra: Starlette or uvicorn is not installed; raised by `open`.

    >>> import urllib.request
    >>> with Health() as health, HealthServer(lambda: health) as server:
    ...     with urllib.request.urlopen(server.url + "/livez") as answer:
    ...         print(answer.status, answer.read().decode())
    200 {"healthy":true,"checks":[]}
    """

    def __init__(
        self, health: "Callable[[], Health]", *, host: str = "127.0.0.1", port: int = 0
    ) -> None:
        self._health = health
        self._host = host
        self._port = port
        self._server: uvicorn.Server | None = None
        self._socket: socket.socket | None = None
        self._thread: threading.Thread | None = None

    @property
    def url(self) -> str:
        """Where it listens, such as `http://127.0.0.1:8080`; empty before `open`."""
        if self._socket is None:
            return ""
        host, port = self._socket.getsockname()[:2]
        return f"http://[{host}]:{port}" if ":" in host else f"http://{host}:{port}"

    def open(self) -> Self:
        """Listen and serve; returns when requests are answered.

        Raises:
            MissingExtra: Starlette or uvicorn is not installed.
            OSError: The address is taken, or not of this machine.
            ServiceError: It is open already.
        """
        if self._server is not None:
            raise ServiceError(f"the health server is open already, at {self.url}")
        server = _server(_application(self._health))
        family = socket.AF_INET6 if ":" in self._host else socket.AF_INET
        self._socket = socket.create_server((self._host, self._port), family=family)
        self._server = server
        self._thread = threading.Thread(
            target=server.run, args=([self._socket],), name="sage-health-http", daemon=True
        )
        self._thread.start()
        return self

    def close(self) -> None:
        """Stop listening; returns when the thread has ended. A second call does nothing."""
        if self._server is None or self._thread is None or self._socket is None:
            return
        self._server.should_exit = True
        self._thread.join(timeout=10)
        self._socket.close()
        if self._thread.is_alive():
            raise ServiceError("the health server did not stop within 10 s")
        self._server = self._thread = self._socket = None

    def __enter__(self) -> Self:
        return self.open()

    def __exit__(self, *_: object) -> None:
        self.close()


def _server(application: "Starlette") -> "uvicorn.Server":
    try:
        import uvicorn
    except ImportError as error:
        raise MissingExtra("sage-platform", "http", "uvicorn") from error
    config = uvicorn.Config(
        application,
        access_log=False,
        lifespan="off",
        log_config=None,
        log_level="warning",
        timeout_graceful_shutdown=1,
        ws="none",
    )
    return uvicorn.Server(config)


def _application(health: "Callable[[], Health]") -> "Starlette":
    try:
        from starlette.applications import Starlette
        from starlette.routing import Route
    except ImportError as error:
        raise MissingExtra("sage-platform", "http", "starlette") from error
    probes: dict[str, Callable[[Health], HealthReport]] = {
        "/livez": Health.liveness,
        "/readyz": Health.readiness,
        "/startupz": Health.startup,
    }
    return Starlette(routes=[Route(path, _answer(health, ask)) for path, ask in probes.items()])


def _answer(
    health: "Callable[[], Health]", ask: "Callable[[Health], HealthReport]"
) -> "Callable[[Request], Awaitable[Response]]":
    from starlette.responses import JSONResponse

    async def answer(request: "Request") -> "Response":
        report = ask(health())
        checks = [
            {"name": result.name, "healthy": result.healthy, "detail": result.detail}
            for result in report.results
        ]
        body = {"healthy": report.healthy, "checks": checks}
        headers = {"Cache-Control": "no-store"}
        return JSONResponse(body, 200 if report.healthy else 503, headers)

    return answer
