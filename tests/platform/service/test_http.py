import json
import socket
import threading
import urllib.error
import urllib.request

import pytest

from sage.platform.service import (
    BaseService,
    Check,
    Health,
    HealthServer,
    ServiceError,
    ServiceRunner,
)


def fetch(url):
    try:
        with urllib.request.urlopen(url, timeout=5) as answer:
            return answer.status, json.loads(answer.read()), answer.headers
    except urllib.error.HTTPError as error:
        with error:
            return error.code, json.loads(error.read()), error.headers


def test_each_probe_answers_200_when_healthy():
    with Health() as health, HealthServer(lambda: health) as server:
        for path in ("/livez", "/readyz", "/startupz"):
            status, body, headers = fetch(server.url + path)
            assert (status, body) == (200, {"healthy": True, "checks": []})
            assert headers["Cache-Control"] == "no-store"


def test_a_failing_check_makes_readyz_503_and_leaves_livez_200():
    with Health() as health, HealthServer(lambda: health) as server:
        health.add(Check("redis", lambda: 1 / 0))
        while health.readiness().results[0].detail == "not asked yet":
            threading.Event().wait(0.005)
        status, body, _ = fetch(server.url + "/readyz")
        detail = "ZeroDivisionError: division by zero"
        assert status == 503
        assert body["checks"] == [{"name": "redis", "healthy": False, "detail": detail}]
        assert fetch(server.url + "/livez")[0] == 200
        assert fetch(server.url + "/startupz")[0] == 200


def test_it_answers_while_services_start_and_after_they_stopped():
    seen = {}

    class Slow(BaseService):
        def start(self):
            seen["startupz"] = fetch(server.url + "/startupz")[0]

    runner = ServiceRunner({"slow": Slow()})
    with HealthServer(lambda: runner.health) as server:
        with runner:
            assert runner.health.wait_until_ready(5)
            assert fetch(server.url + "/startupz")[0] == 200
            assert fetch(server.url + "/readyz")[0] == 200
        assert fetch(server.url + "/readyz")[0] == 503
    assert seen == {"startupz": 503}


def test_it_answers_while_the_event_loop_is_stuck():
    gate = threading.Event()

    class Stuck(BaseService):
        async def process(self):
            gate.wait(20)

    with ServiceRunner({"stuck": Stuck()}) as runner, HealthServer(lambda: runner.health) as server:
        future = runner.call_service_async("stuck")
        assert fetch(server.url + "/readyz")[0] in (200, 503)
        gate.set()
        future.result(5)


def test_closing_frees_the_port_and_ends_the_thread():
    with Health() as health:
        for _ in range(10):
            server = HealthServer(lambda: health).open()
            port = int(server.url.rsplit(":", 1)[1])
            server.close()
            server.close()
            with socket.create_server(("127.0.0.1", port)):
                pass
    assert "sage-health-http" not in [thread.name for thread in threading.enumerate()]
    assert server.url == ""


def test_opening_twice_is_refused_and_the_first_goes_on():
    with Health() as health, HealthServer(lambda: health) as server:
        with pytest.raises(ServiceError, match=f"open already, at {server.url}"):
            server.open()
        assert fetch(server.url + "/livez")[0] == 200


def test_a_taken_port_is_an_os_error():
    with (
        socket.create_server(("127.0.0.1", 0)) as taken,
        Health() as health,
        pytest.raises(OSError, match="in use"),
    ):
        HealthServer(lambda: health, port=taken.getsockname()[1]).open()


def test_unknown_paths_are_404():
    with (
        Health() as health,
        HealthServer(lambda: health) as server,
        pytest.raises(urllib.error.HTTPError) as caught,
    ):
        urllib.request.urlopen(server.url + "/", timeout=5)
    assert caught.value.code == 404
    caught.value.close()
