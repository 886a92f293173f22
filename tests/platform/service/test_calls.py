import asyncio
import functools
import threading

import anyio
import pytest

from sage.platform.service import (
    BaseService,
    ServiceCallTimeout,
    ServiceError,
    ServiceNotFound,
    ServiceNotRunning,
    ServiceRunner,
)


class Echo(BaseService):
    def __init__(self):
        self.gate = threading.Event()
        self.cancelled = threading.Event()

    def process(self, *args, **kwargs):
        return args, kwargs

    def shout(self, text):
        return text.upper()

    async def later(self, text):
        await anyio.sleep(0)
        return f"later {text}"

    def wait(self):
        return self.gate.wait(20)

    async def wait_async(self):
        try:
            await anyio.sleep_forever()
        finally:
            self.cancelled.set()

    def slow_disk(self):
        raise TimeoutError("the disk did not answer")

    short = functools.partial(str.upper, "partial")

    def _secret(self):
        return "secret"


class Front(BaseService):
    needs = ("echo",)

    def process(self, text):
        return self.call_service("echo", text, method="shout")

    def later(self, text):
        return self.call_service_async("echo", text, method="later").result(5)

    async def blocking(self):
        return self.call_service("echo")

    async def from_async(self, text):
        future = self.call_service_async("echo", text, method="shout")
        return await asyncio.wrap_future(future)


@pytest.fixture
def echo():
    return Echo()


@pytest.fixture
def runner(echo):
    with ServiceRunner({"echo": echo, "front": Front()}) as running:
        yield running
        echo.gate.set()


def test_a_call_without_a_method_reaches_process(runner):
    assert runner.call_service("echo", 1, two=2) == ((1,), {"two": 2})


@pytest.mark.parametrize("timeout", [None, 5.0])
def test_services_call_each_other_through_the_runner(runner, timeout):
    assert runner.call_service("front", "hello", timeout=timeout) == "HELLO"


def test_async_methods_run_on_the_event_loop(runner):
    assert runner.call_service("front", "x", method="later") == "later x"


def test_async_code_calls_without_blocking_its_loop(runner):
    assert runner.call_service("front", "hello", method="from_async") == "HELLO"


def test_a_blocking_call_on_the_event_loop_is_refused_with_the_way_out(runner):
    with pytest.raises(ServiceError, match=r"await asyncio\.wrap_future"):
        runner.call_service("front", method="blocking")


def test_a_call_past_its_time_raises_and_names_the_method(runner):
    with pytest.raises(ServiceCallTimeout, match=r"echo\.wait did not return within 0.05 s"):
        runner.call_service("echo", method="wait", timeout=0.05)


def test_an_async_call_past_its_time_is_cancelled(runner, echo):
    with pytest.raises(ServiceCallTimeout, match="wait_async did not return"):
        runner.call_service("echo", method="wait_async", timeout=0.05)
    assert echo.cancelled.wait(5)


def test_a_timeout_error_of_the_method_itself_passes_unchanged(runner):
    with pytest.raises(TimeoutError, match="the disk did not answer"):
        runner.call_service("echo", method="slow_disk", timeout=5)


def test_a_method_needs_no_name_of_its_own(runner):
    assert runner.call_service("echo", method="short", timeout=5) == "PARTIAL"


def test_an_unknown_service_is_named_with_those_that_are_there(runner):
    with pytest.raises(ServiceNotFound, match="no service 'nobody'; there is: echo, front"):
        runner.call_service("nobody")


@pytest.mark.parametrize("method", ["_secret", "stop", "setup", "missing", "gate", "call_service"])
def test_hooks_private_and_unknown_names_cannot_be_called(runner, method):
    with pytest.raises(ServiceNotFound, match="no method of 'echo' named"):
        runner.call_service("echo", method=method)


def test_a_stopped_service_refuses_calls(echo):
    with ServiceRunner({"echo": echo}) as runner:
        pass
    with pytest.raises(ServiceNotRunning, match="echo is stopped, expected running"):
        runner.call_service("echo")


def test_a_service_that_has_not_started_refuses_calls():
    class Early(BaseService):
        def start(self):
            self.call_service("echo")

    with (
        pytest.raises(ExceptionGroup) as caught,
        ServiceRunner({"early": Early(), "echo": Echo()}),
    ):
        pass
    assert str(caught.value.exceptions[0]) == "echo is new, expected running"


def test_a_service_may_still_call_those_it_needs_while_it_stops():
    said = []

    class Late(BaseService):
        needs = ("echo",)

        def stop(self):
            said.append(self.call_service("echo", "bye", method="shout"))

    with ServiceRunner({"late": Late(), "echo": Echo()}):
        pass
    assert said == ["BYE"]


def test_stop_waits_for_calls_in_flight(echo):
    entered = threading.Event()
    order = []

    class Busy(BaseService):
        def process(self):
            entered.set()
            echo.gate.wait(20)
            order.append("answered")
            return "done"

        def stop(self):
            order.append("stopped")

    with ServiceRunner({"busy": Busy()}) as runner:
        future = runner.call_service_async("busy")
        assert entered.wait(5)
        threading.Timer(0.05, echo.gate.set).start()
    assert future.result(5) == "done"
    assert order == ["answered", "stopped"]


def test_two_hundred_calls_that_wait_for_another_do_not_block_it(runner, echo):
    ctx = echo.ctx
    waiting = [ctx.call_service_async("echo", method="wait") for _ in range(200)]
    assert runner.call_service("echo", "quick", method="shout", timeout=10) == "QUICK"
    echo.gate.set()
    assert all(future.result(10) for future in waiting)


@pytest.mark.parametrize("method", ["process", "later"])
@pytest.mark.parametrize("timeout", [-1, float("nan")])
def test_a_call_with_a_time_that_is_none_is_refused(runner, method, timeout):
    with pytest.raises(ValueError, match="timeout must be a number of seconds from 0 up"):
        runner.call_service("echo", "x", method=method, timeout=timeout)


@pytest.mark.parametrize("timeout", [float("inf"), 1e300])
def test_a_call_may_wait_longer_than_a_clock_counts(runner, timeout):
    with pytest.raises(TimeoutError, match="the disk did not answer"):
        runner.call_service("echo", method="slow_disk", timeout=timeout)
    assert runner.call_service("echo", "x", method="later", timeout=timeout) == "later x"
