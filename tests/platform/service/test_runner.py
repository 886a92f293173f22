import asyncio
import operator
import re
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path

import anyio
import pytest

from sage.platform.service import (
    BaseService,
    Check,
    Deadlines,
    HookTimeout,
    ServiceCycle,
    ServiceNotFound,
    ServiceNotRunning,
    ServiceRunner,
    StartFailed,
    State,
    StopFailed,
)


def test_services_start_after_those_they_need_and_stop_in_reverse(recorder, diary):
    services = {
        "gateway": recorder(needs=("cache", "index")),
        "index": recorder(needs=("cache",)),
        "cache": recorder(),
    }
    with ServiceRunner(services) as runner:
        assert list(runner.states) == ["cache", "index", "gateway"]
    names = ["cache", "index", "gateway"]
    up = [f"{name}.{phase}" for name in names for phase in ("setup", "start")]
    down = [f"{name}.{phase}" for name in reversed(names) for phase in ("stop", "cleanup")]
    assert diary == up + down


def test_states_are_told_at_every_moment(recorder):
    runner = ServiceRunner({"cache": recorder()})
    assert (runner.state, runner.states) == (State.NEW, {"cache": State.NEW})
    with runner:
        assert (runner.state, runner.states) == (State.RUNNING, {"cache": State.RUNNING})
    assert (runner.state, runner.states) == (State.STOPPED, {"cache": State.STOPPED})


def test_states_change_while_hooks_run():
    seen = []

    class Watcher(BaseService):
        def setup(self):
            seen.append((runner.state, runner.states["watcher"]))

        def stop(self):
            seen.append((runner.state, runner.states["watcher"]))

    runner = ServiceRunner({"watcher": Watcher()})
    with runner:
        pass
    assert seen == [(State.STARTING, State.STARTING), (State.STOPPING, State.STOPPING)]


def test_a_stopped_runner_starts_again(recorder, diary):
    runner = ServiceRunner({"cache": recorder()})
    for _ in range(2):
        with runner:
            assert runner.call_service("cache", 1) == "cache got 1"
    assert diary == ["cache.setup", "cache.start", "cache.stop", "cache.cleanup"] * 2


def test_a_running_runner_refuses_a_second_start(recorder):
    with (
        ServiceRunner({"cache": recorder()}) as runner,
        pytest.raises(ServiceNotRunning, match="the runner is running, expected new or stopped"),
        runner,
    ):
        pass
    assert runner.state is State.STOPPED


def test_async_hooks_run_on_one_event_loop():
    class Async(BaseService):
        async def setup(self):
            self.loops = {id(asyncio.get_running_loop())}

        async def start(self):
            await anyio.sleep(0)
            self.loops.add(id(asyncio.get_running_loop()))

        async def stop(self):
            self.loops.add(id(asyncio.get_running_loop()))

    service = Async()
    with ServiceRunner({"async": service}):
        pass
    assert len(service.loops) == 1


def test_a_plain_hook_that_returns_an_awaitable_is_awaited():
    class Wrapped(BaseService):
        done = False

        def start(self):
            async def finish():
                self.done = True

            return finish()

    service = Wrapped()
    with ServiceRunner({"wrapped": service}):
        assert service.done


@pytest.mark.parametrize(
    ("phase", "expected"),
    [
        ("setup", ["b.setup", "b.cleanup"]),
        ("start", ["b.setup", "b.start", "b.cleanup"]),
    ],
)
def test_a_failed_start_rolls_back_what_had_started(recorder, diary, phase, expected):
    services = {
        "a": recorder(),
        "b": recorder(needs=("a",), fail=(phase,)),
        "c": recorder(needs=("b",)),
    }
    runner = ServiceRunner(services)
    with pytest.raises(StartFailed, match="b did not start") as caught, runner:
        pytest.fail("the body must not run")
    assert [str(error) for error in caught.value.exceptions] == [f"b cannot {phase}"]
    assert diary == ["a.setup", "a.start", *expected, "a.stop", "a.cleanup"]
    assert runner.state is State.FAILED
    assert runner.states == {"a": State.STOPPED, "b": State.FAILED, "c": State.NEW}


def test_errors_of_the_roll_back_stand_beside_the_cause(recorder):
    services = {"a": recorder(fail=("stop",)), "b": recorder(needs=("a",), fail=("start",))}
    with pytest.raises(StartFailed) as caught, ServiceRunner(services):
        pass
    assert [str(error) for error in caught.value.exceptions] == ["b cannot start", "a cannot stop"]


def test_every_stop_error_is_collected_and_nothing_is_left_running(recorder, diary):
    services = {
        "a": recorder(fail=("cleanup",)),
        "b": recorder(needs=("a",), fail=("stop", "cleanup")),
        "c": recorder(needs=("b",)),
    }
    runner = ServiceRunner(services)
    with pytest.raises(StopFailed, match=r"^3 errors while all was stopped") as caught, runner:
        diary.clear()
    errors = caught.value.exceptions
    assert [str(error) for error in errors] == [
        "b cannot stop",
        "b cannot cleanup",
        "a cannot cleanup",
    ]
    assert errors[0].__notes__ == ["in stop of service 'b'"]
    assert diary == ["c.stop", "c.cleanup", "b.stop", "b.cleanup", "a.stop", "a.cleanup"]
    assert set(runner.states.values()) == {State.STOPPED}


def test_an_error_of_the_body_passes_unchanged_after_all_is_stopped(recorder, diary):
    with pytest.raises(KeyError, match="mine"), ServiceRunner({"a": recorder()}):
        raise KeyError("mine")
    assert diary[-1] == "a.cleanup"


@pytest.mark.parametrize("phase", ["setup", "start"])
def test_a_hook_past_its_deadline_fails_the_start(recorder, diary, phase):
    services = {"a": recorder(), "b": recorder(hang=(phase,), deadlines=Deadlines(**{phase: 0.05}))}
    began = time.monotonic()
    with pytest.raises(StartFailed) as caught, ServiceRunner(services):
        pass
    assert time.monotonic() - began < 5
    (cause,) = caught.value.exceptions
    assert isinstance(cause, HookTimeout)
    assert str(cause) == f"b.{phase} did not return within 0.05 s"
    assert diary[-3:] == ["b.cleanup", "a.stop", "a.cleanup"]


def test_a_stop_past_its_deadline_does_not_keep_the_others_up(recorder, diary):
    slow = recorder(needs=("a",), hang=("stop",), deadlines=Deadlines(stop=0.05))
    runner = ServiceRunner({"a": recorder(), "b": slow})
    with pytest.raises(StopFailed) as caught, runner:
        pass
    assert caught.value.message == "1 error while all was stopped"
    assert [str(error) for error in caught.value.exceptions] == [
        "b.stop did not return within 0.05 s"
    ]
    assert diary[-3:] == ["b.cleanup", "a.stop", "a.cleanup"]


def test_an_async_hook_past_its_deadline_is_cancelled():
    ended = []

    class Slow(BaseService):
        async def start(self):
            try:
                await anyio.sleep_forever()
            finally:
                ended.append("cancelled")

    runner = ServiceRunner({"slow": Slow()}, deadlines=Deadlines(start=0.05))
    with pytest.raises(StartFailed), runner:
        pass
    assert ended == ["cancelled"]


def test_a_timeout_error_of_the_hook_itself_is_not_taken_for_the_deadline():
    class Own(BaseService):
        def start(self):
            raise TimeoutError("the disk did not answer")

    with pytest.raises(StartFailed) as caught, ServiceRunner({"own": Own()}):
        pass
    assert [type(error) for error in caught.value.exceptions] == [TimeoutError]


def test_a_hook_that_asks_for_the_end_of_the_process_hides_no_other(recorder, diary):
    class Exits(BaseService):
        needs = ("a",)

        def stop(self):
            sys.exit(3)

        async def cleanup(self):
            raise KeyboardInterrupt

    with pytest.raises(StopFailed) as caught, ServiceRunner({"a": recorder(), "exits": Exits()}):
        pass
    assert [str(error) for error in caught.value.exceptions] == [
        "exits.stop raised SystemExit(3); use request_stop() to end the runner",
        "exits.cleanup raised KeyboardInterrupt(); use request_stop() to end the runner",
    ]
    assert diary[-2:] == ["a.stop", "a.cleanup"]


def test_cancelling_the_start_rolls_back_and_passes_the_cancellation_on(recorder, diary):
    services = {"a": recorder(), "b": recorder(needs=("a",), hang=("start",))}
    runner = ServiceRunner(services)

    async def cancel_when_b_starts(scope):
        while "b.start" not in diary:
            await anyio.sleep(0.001)
        scope.cancel()

    async def main():
        async with anyio.create_task_group() as group:
            with anyio.CancelScope() as scope:
                group.start_soon(cancel_when_b_starts, scope)
                async with runner:
                    pytest.fail("the body must not run")
        return scope.cancelled_caught

    assert anyio.run(main) is True
    assert diary[-3:] == ["b.cleanup", "a.stop", "a.cleanup"]
    assert runner.state is State.STOPPED


def test_cancelling_the_body_still_stops_everything(recorder, diary):
    async def main():
        with anyio.CancelScope() as scope:
            async with ServiceRunner({"a": recorder()}):
                scope.cancel()
                await anyio.sleep_forever()

    anyio.run(main)
    assert diary == ["a.setup", "a.start", "a.stop", "a.cleanup"]


def test_a_failed_runner_is_not_started_again(recorder):
    runner = ServiceRunner({"a": recorder(fail=("start",))})
    with pytest.raises(StartFailed), runner:
        pass
    with pytest.raises(ServiceNotRunning, match="the runner is failed"), runner:
        pass


@pytest.mark.parametrize("phase", ["setup", "start", "stop", "cleanup"])
@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), None, "1", True])
def test_a_deadline_that_no_hook_could_meet_is_refused(phase, seconds):
    with pytest.raises(ValueError, match=f"the deadline of {phase} is"):
        Deadlines(**{phase: seconds})


def test_a_name_that_nobody_has_is_refused_before_anything_starts(recorder):
    with pytest.raises(ServiceNotFound, match=r"'a' to need named 'nobody'; there is: a"):
        ServiceRunner({"a": recorder(needs=("nobody",))})


@pytest.mark.parametrize(
    ("services", "said"),
    [
        ({"a": 3}, "service 'a' is 3: expected a BaseService"),
        ({"a": BaseService}, "expected an instance, such as Cache()"),
        ({"a": None}, "service 'a' is None: expected a BaseService"),
    ],
)
def test_what_is_no_service_is_refused_before_anything_starts(services, said):
    with pytest.raises(TypeError, match=re.escape(said)):
        ServiceRunner(services)


def test_names_in_one_text_are_refused_with_the_tuple_to_write(recorder):
    with pytest.raises(TypeError, match=r"'a' needs 'cache': expected names .* \('cache',\)"):
        ServiceRunner({"a": recorder(needs="cache"), "cache": recorder()})


def test_one_service_under_two_names_is_refused(recorder):
    one = recorder()
    with pytest.raises(ValueError, match="'a' and 'b' are one service: make two, or name it once"):
        ServiceRunner({"a": one, "b": one})


@pytest.mark.parametrize("seconds", [0, None, "1", float("inf"), float("nan")])
def test_a_loop_is_stuck_after_a_time_that_a_clock_counts(recorder, seconds):
    with pytest.raises(ValueError, match=r"stuck_after is .*: expected seconds above 0"):
        ServiceRunner({"a": recorder()}, stuck_after=seconds)


def test_an_async_hook_that_holds_the_loop_past_its_deadline_fails_the_start():
    class Blocks(BaseService):
        async def start(self):
            threading.Event().wait(0.2)

    with pytest.raises(StartFailed) as failed:
        ServiceRunner({"a": Blocks()}, deadlines=Deadlines(start=0.05)).__enter__()
    assert [type(error) for error in failed.value.exceptions] == [HookTimeout]


def test_a_circle_is_refused_and_shown(recorder):
    services = {"a": recorder(needs=("b",)), "b": recorder(needs=("a",))}
    with pytest.raises(ServiceCycle, match=r"a -> b -> a|b -> a -> b"):
        ServiceRunner(services)


def test_two_checks_of_one_name_fail_the_start_and_stop_the_service(recorder, diary):
    twice = (Check("disk", lambda: True), Check("disk", lambda: True))
    with pytest.raises(StartFailed) as caught, ServiceRunner({"a": recorder(checks=twice)}):
        pass
    assert "there is a check 'a/disk' already" in str(caught.value.exceptions[0])
    assert diary == ["a.setup", "a.start", "a.stop", "a.cleanup"]


def test_async_with_starts_and_stops_too(recorder, diary):
    async def main():
        async with ServiceRunner({"a": recorder()}) as runner:
            assert runner.state is State.RUNNING

    anyio.run(main)
    assert diary == ["a.setup", "a.start", "a.stop", "a.cleanup"]


def test_request_stop_from_another_thread_ends_run(recorder, diary):
    class Stopper(BaseService):
        def start(self):
            threading.Thread(target=self._ask, daemon=True).start()

        def _ask(self):
            runner.health.wait_until_ready(10)
            runner.request_stop()

    runner = ServiceRunner({"a": recorder(), "stopper": Stopper()})
    runner.run()
    assert diary == ["a.setup", "a.start", "a.stop", "a.cleanup"]
    assert runner.state is State.STOPPED


def test_request_stop_while_services_start_rolls_back(recorder, diary):
    slow = recorder(needs=("a",), hang=("start",))
    runner = ServiceRunner({"a": recorder(), "slow": slow})

    def ask():
        while "slow.start" not in diary:
            threading.Event().wait(0.001)
        runner.request_stop()

    threading.Thread(target=ask, daemon=True).start()
    runner.run()
    assert diary[-3:] == ["slow.cleanup", "a.stop", "a.cleanup"]


def test_request_stop_from_an_async_hook_does_not_wait_for_itself(recorder, diary):
    class Quits(BaseService):
        needs = ("a",)

        async def start(self):
            runner.request_stop()
            await anyio.sleep(0)

    runner = ServiceRunner({"a": recorder(), "quits": Quits()})
    runner.run()
    assert diary == ["a.setup", "a.start", "a.stop", "a.cleanup"]


def test_errors_of_a_roll_back_that_a_signal_began_are_raised_too(recorder, diary, caplog):
    slow = recorder(needs=("a",), hang=("start",))
    runner = ServiceRunner({"a": recorder(fail=("stop",)), "slow": slow})

    def ask():
        while "slow.start" not in diary:
            threading.Event().wait(0.001)
        runner.request_stop()

    threading.Thread(target=ask, daemon=True).start()
    with pytest.raises(StopFailed) as caught:
        runner.run()
    assert [str(error) for error in caught.value.exceptions] == ["a cannot stop"]
    assert "while the start was rolled back: a cannot stop" in caplog.text


def call_until_inside(runner, name):
    """Call a service and return once the call is under way."""
    future = runner.call_service_async(name)
    while runner._slots[name].in_flight == 0:
        threading.Event().wait(0.001)
    return future


def test_a_call_that_never_returns_does_not_keep_the_stop_hook_from_running(recorder, diary):
    gate = threading.Event()

    class Busy(BaseService):
        deadlines = Deadlines(stop=0.05)

        def process(self):
            gate.wait(20)

        def stop(self):
            diary.append("busy.stop")

    with pytest.raises(StopFailed) as caught, ServiceRunner({"busy": Busy()}) as runner:
        future = call_until_inside(runner, "busy")
    gate.set()
    future.result(5)
    (error,) = caught.value.exceptions
    assert str(error) == "busy.calls in flight did not return within 0.05 s"
    assert error.__notes__ == ["in drain of service 'busy'"]
    assert diary == ["busy.stop"]


def test_a_second_start_begins_anew(recorder):
    seen = []

    class Watcher(BaseService):
        def start(self):
            seen.append((dict(runner.states), str(runner.health.startup())))

    runner = ServiceRunner({"watcher": Watcher(), "z": recorder()})
    for _ in range(2):
        with runner:
            pass
    states = {"watcher": State.STARTING, "z": State.NEW}
    assert seen == [(states, "services: not started: watcher, z")] * 2


def test_request_stop_outside_of_run_is_refused(recorder):
    with (
        ServiceRunner({"a": recorder()}) as runner,
        pytest.raises(ServiceNotRunning, match=r"expected inside run\(\) or serve\(\)"),
    ):
        runner.request_stop()


def test_run_raises_the_start_error_itself(recorder):
    with pytest.raises(StartFailed, match="a did not start"):
        ServiceRunner({"a": recorder(fail=("start",))}).run()


PROGRAM = """
import sys, time, threading
from sage.platform.service import BaseService, ServiceRunner

class Loud(BaseService):
    def setup(self):
        print("setup", flush=True)
    def start(self):
        print("start", flush=True)
        {start}
    def stop(self):
        print("stop", flush=True)
        {stop}
    def cleanup(self):
        print("cleanup", flush=True)

class Last(BaseService):
    needs = ("loud",)
    def start(self):
        print("running", flush=True)

ServiceRunner({{"loud": Loud(), "last": Last()}}).run()
print("returned", flush=True)
"""


def run_program(*, start="pass", stop="pass"):
    source = PROGRAM.format(start=start, stop=stop)
    return subprocess.Popen([sys.executable, "-c", source], stdout=subprocess.PIPE, text=True)


def read_until(process, word):
    lines = []
    for line in process.stdout:
        lines.append(line.strip())
        if lines[-1] == word:
            return lines
    raise AssertionError(f"{word!r} never came, only {lines}")


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_stops_everything_and_run_returns(number):
    with run_program() as process:
        read_until(process, "running")
        process.send_signal(number)
        rest, _ = process.communicate(timeout=20)
    assert rest.split() == ["stop", "cleanup", "returned"]
    assert process.returncode == 0


def test_a_signal_while_services_start_rolls_back():
    with run_program(start="time.sleep(60)") as process:
        read_until(process, "start")
        process.send_signal(signal.SIGTERM)
        rest, _ = process.communicate(timeout=20)
    assert rest.split() == ["cleanup", "returned"]
    assert process.returncode == 0


def test_a_second_signal_ends_the_process_at_once():
    with run_program(stop="time.sleep(60)") as process:
        read_until(process, "running")
        process.send_signal(signal.SIGTERM)
        read_until(process, "stop")
        process.send_signal(signal.SIGTERM)
        process.communicate(timeout=20)
    assert process.returncode == -signal.SIGTERM


def test_no_thread_and_no_descriptor_is_left_after_a_hundred_runs(recorder):
    def once():
        services = {"a": recorder(checks=(Check("ok", lambda: True),)), "b": recorder(needs=("a",))}
        with ServiceRunner(services) as runner:
            assert runner.health.wait_until_ready(5)

    def left():
        return threading.active_count(), len(list(Path("/proc/self/fd").iterdir()))

    once()
    before = left()
    for _ in range(100):
        once()
    end = time.monotonic() + 10
    while any(map(operator.gt, left(), before)) and time.monotonic() < end:
        time.sleep(0.001)  # a hook's thread ends just after the hook has returned
    assert not any(map(operator.gt, left(), before))
