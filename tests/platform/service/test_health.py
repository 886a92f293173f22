import asyncio
import sys
import threading
import time

import pytest

from sage.platform.service import BaseService, Check, Health, HealthReport, ServiceRunner


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


def ask_until(probe, expected, seconds=10.0):
    """Ask the probe again until it says what is expected; the last answer otherwise."""
    end = time.monotonic() + seconds
    while probe().healthy is not expected and time.monotonic() < end:
        threading.Event().wait(0.005)
    return probe()


def wait_to_hear(probe, words, seconds=10.0):
    """Ask the probe again until its answer holds these words, and return that answer."""
    end = time.monotonic() + seconds
    while words not in str(probe()):
        assert time.monotonic() < end, f"{words!r} was never said, only {probe()}"
        threading.Event().wait(0.005)
    return probe()


def wait_for_answers(health):
    """Wait until every check has answered once."""
    while any(result.detail == "not asked yet" for result in health.readiness().results):
        threading.Event().wait(0.005)


@pytest.fixture
def gate():
    """What checks that hang wait for; opened at the end, whatever the test did."""
    gate = threading.Event()
    yield gate
    gate.set()


@pytest.fixture
def health():
    with Health() as health:
        yield health


def test_health_without_checks_is_healthy(health):
    assert health.liveness() == health.readiness() == health.startup() == HealthReport(())
    assert health.liveness().healthy


def test_a_check_that_exits_fails_and_is_asked_again(health):
    recovered = threading.Event()
    health.add(Check("redis", lambda: recovered.is_set() or sys.exit(3), every=0.01))
    wait_to_hear(health.readiness, "redis: SystemExit: 3")
    recovered.set()
    assert health.wait_until_ready(5)


def test_a_check_counts_as_not_healthy_until_its_first_answer(health, gate):
    health.add(Check("redis", lambda: gate.wait(20)))
    assert str(health.readiness()) == "redis: not asked yet"
    gate.set()
    assert health.wait_until_ready(5)


@pytest.mark.parametrize(
    ("probe", "detail"),
    [(lambda: False, "it returned False"), (lambda: 1 / 0, "ZeroDivisionError: division by zero")],
)
def test_a_check_that_returns_false_or_raises_says_why(health, probe, detail):
    health.add(Check("redis", probe))
    health.add(Check("disk", lambda: None))
    wait_for_answers(health)
    report = health.readiness()
    assert not health.wait_until_ready(0.01)
    assert [(result.name, result.healthy, result.detail) for result in report.results] == [
        ("redis", False, detail),
        ("disk", True, ""),
    ]


def test_probes_answer_at_once_while_a_check_hangs(health, gate):
    health.add(Check("redis", lambda: gate.wait(20), timeout=0.05))
    wait_to_hear(health.readiness, "no answer")
    began = time.monotonic()
    for _ in range(100):
        report = health.readiness()
    assert time.monotonic() - began < 1
    assert str(report) == "redis: no answer within 0.05 s"
    gate.set()


def test_a_hanging_check_never_has_two_threads(health, gate):
    calls = []
    health.add(Check("redis", lambda: (calls.append(1), gate.wait(20)), timeout=0.01, every=0.01))
    ask_until(health.liveness, False, seconds=0.2)
    assert calls == [1]
    gate.set()


def test_a_late_answer_is_a_failure():
    clock = Clock()

    def slow():
        clock.now += 5

    with Health(clock=clock) as health:
        health.add(Check("redis", slow, timeout=1, every=1000))
        answer = wait_to_hear(health.readiness, "answered")
        assert str(answer) == "redis: answered after 1 s"


def test_answers_are_kept_between_questions_whatever_the_number_of_probes(health):
    calls = []
    health.add(Check("redis", lambda: calls.append(1), every=1000))
    assert health.wait_until_ready(5)
    for _ in range(1000):
        assert health.readiness().healthy
    assert calls == [1]


def test_a_check_is_asked_again_and_recovers(health):
    down = threading.Event()
    down.set()
    health.add(Check("redis", lambda: not down.is_set(), every=0.01))
    wait_to_hear(health.readiness, "it returned False")
    assert not health.readiness().healthy
    down.clear()
    assert health.wait_until_ready(5)
    down.set()
    assert not ask_until(health.readiness, False).healthy


def test_the_three_probes_are_kept_apart(health):
    health.add(Check("redis", lambda: False))
    assert health.liveness().healthy
    assert health.startup().healthy
    assert not health.readiness().healthy


def test_what_has_not_started_is_not_ready(health, gate):
    health.add(Check("warm-up", gate.is_set, kind="startup", every=0.01))
    assert not health.startup().healthy
    assert not health.readiness().healthy
    assert health.liveness().healthy
    gate.set()
    assert health.wait_until_ready(5)
    assert health.startup().healthy


def test_a_startup_check_is_not_asked_again_once_it_passed(health):
    calls = []
    health.add(Check("warm-up", lambda: calls.append(1), kind="startup", every=0.001))
    assert health.wait_until_ready(5)
    threading.Event().wait(0.05)
    assert calls == [1]


def test_two_checks_of_one_name_are_refused(health):
    health.add(Check("redis", lambda: True))
    with pytest.raises(ValueError, match="there is a check 'redis' already"):
        health.add(Check("redis", lambda: True))


def test_a_removed_check_is_forgotten_and_its_thread_ends(health):
    health.add(Check("redis", lambda: False))
    health.remove("redis")
    assert health.readiness().healthy
    assert "check redis" not in [thread.name for thread in threading.enumerate()]
    health.remove("redis")


def test_closed_health_says_so_and_takes_no_more_checks():
    health = Health()
    health.add(Check("redis", lambda: True))
    health.close()
    health.close()
    assert str(health.liveness()) == "health: closed"
    assert "check redis" not in [thread.name for thread in threading.enumerate()]
    with pytest.raises(ValueError, match="added to a health that is closed"):
        health.add(Check("redis", lambda: True))


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"kind": "liveness"}, "check 'redis' has kind 'liveness': expected one of"),
        ({"probe": None}, "check 'redis' has probe None: expected a function"),
        ({"name": ""}, "a check needs a name, got ''"),
    ],
)
def test_a_check_that_would_never_be_asked_is_refused(given, said):
    with pytest.raises(ValueError, match=said):
        Check(**{"name": "redis", "probe": lambda: True, **given})


@pytest.mark.parametrize("word", ["timeout", "every"])
@pytest.mark.parametrize("seconds", [0, -1, float("nan"), float("inf"), None, "1"])
def test_a_check_that_could_never_pass_is_refused(word, seconds):
    with pytest.raises(ValueError, match=f"has {word}"):
        Check("redis", lambda: True, **{word: seconds})


@pytest.mark.parametrize(("answer", "healthy"), [(True, True), (None, True), (False, False)])
def test_an_async_check_is_awaited(health, answer, healthy):
    asked = threading.Event()

    async def probe():
        asked.set()
        return answer

    health.add(Check("redis", probe))
    assert asked.wait(5)
    assert health.wait_until_ready(5 if healthy else 0.1) is healthy


# The runner's health


def test_an_async_check_runs_on_the_runners_loop_and_is_cancelled_in_time(recorder):
    loops = []
    ended = threading.Event()

    class Async(BaseService):
        async def start(self):
            loops.append(asyncio.get_running_loop())

        async def hang(self):
            loops.append(asyncio.get_running_loop())
            try:
                await asyncio.sleep(60)
            finally:
                ended.set()

        def checks(self):
            return [Check("hangs", self.hang, timeout=0.05)]

    with ServiceRunner({"async": Async()}) as runner:
        assert ended.wait(5)
        assert not runner.health.wait_until_ready(0.1)
        assert ask_until(runner.health.liveness, True).healthy
    assert loops[0] is loops[1]


def test_an_async_check_that_exits_fails_and_leaves_the_runners_loop_alone():
    recovered = asyncio.Event()

    class Exits(BaseService):
        async def process(self):
            recovered.set()

        async def probe(self):
            return recovered.is_set() or sys.exit(3)

        def checks(self):
            return [Check("store", self.probe, every=0.01)]

    with ServiceRunner({"exits": Exits()}) as runner:
        wait_to_hear(runner.health.readiness, "exits/store: RuntimeError: it raised SystemExit(3)")
        runner.call_service("exits", timeout=5)
        assert runner.health.wait_until_ready(5)


def test_readiness_follows_the_runner(recorder):
    seen = {}

    class Watcher(BaseService):
        def start(self):
            seen["start"] = (str(runner.health.startup()), str(runner.health.readiness()))

        def stop(self):
            seen["stop"] = (runner.health.startup().healthy, str(runner.health.readiness()))

    runner = ServiceRunner({"a": recorder(), "watcher": Watcher(), "z": recorder()})
    with runner:
        assert runner.health.wait_until_ready(5)
    assert seen["start"] == (
        "services: not started: watcher, z",
        "services: not started: watcher, z; services: the runner is starting",
    )
    assert seen["stop"] == (True, "services: the runner is stopping")
    assert str(runner.health.readiness()) == "health: closed"


def test_checks_carry_the_name_of_their_service(recorder):
    broken = Check("redis", lambda: False)
    with ServiceRunner({"cache": recorder(checks=(broken,))}) as runner:
        report = wait_to_hear(runner.health.readiness, "it returned False")
        assert str(report) == "cache/redis: it returned False"


def test_liveness_never_calls_a_dependency(recorder, gate):
    """However broken what services depend on is, liveness stays healthy and calls nothing of it."""
    callers = []

    def hang():
        callers.append(threading.current_thread().name)
        gate.wait(20)

    checks = (Check("hangs", hang, timeout=0.05), Check("raises", lambda: 1 / 0))
    with ServiceRunner({"cache": recorder(checks=checks)}) as runner:
        assert ask_until(runner.health.liveness, True).healthy
        for _ in range(100):
            runner.health.liveness()
        assert not runner.health.readiness().healthy
        wait_for_answers(runner.health)
        assert [result.name for result in runner.health.liveness().results] == ["event loop"]
        assert callers == ["check cache/hangs"]
        gate.set()


def test_a_stuck_event_loop_is_not_alive(gate):

    class Stuck(BaseService):
        async def process(self):
            gate.wait(20)  # blocks the loop: the fault that liveness is for

    with ServiceRunner({"stuck": Stuck()}, stuck_after=0.5) as runner:
        assert ask_until(runner.health.liveness, True).healthy
        future = runner.call_service_async("stuck")
        report = ask_until(runner.health.liveness, False, seconds=20)
        assert str(report) == "event loop: no answer within 0.5 s"
        gate.set()
        future.result(5)
        assert ask_until(runner.health.liveness, True, seconds=20).healthy


def test_checks_end_before_their_service_stops(diary):
    def probe():
        diary.append("probed")

    class Slow(BaseService):
        def stop(self):
            diary.append("a.stop")
            threading.Event().wait(0.1)  # a probe every millisecond would come in between

        def checks(self):
            return [Check("often", probe, every=0.001)]

    with ServiceRunner({"a": Slow()}) as runner:
        assert runner.health.wait_until_ready(5)
    assert "probed" in diary
    assert "probed" not in diary[diary.index("a.stop") :]
