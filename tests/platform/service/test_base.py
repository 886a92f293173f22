import logging

import pytest

from sage.platform.service import BaseService, ServiceNotBound


class Plain(BaseService):
    """Writes no hook and no constructor."""


def test_hooks_do_nothing_until_written():
    service = Plain()
    assert [service.setup(), service.start(), service.stop(), service.cleanup()] == [None] * 4
    assert service.checks() == ()


def test_a_subclass_need_not_call_the_base_constructor():
    class Own(BaseService):
        def __init__(self, size):
            self.size = size

    assert Own(3).name == "Own"
    assert Own(3).ctx is None


def test_name_and_logger_come_from_the_class_before_there_is_a_runner():
    assert Plain().name == "Plain"
    assert Plain().logger is logging.getLogger("Plain")


@pytest.mark.parametrize("call", ["call_service", "call_service_async"])
def test_calling_without_a_runner_says_what_to_do(call):
    with pytest.raises(ServiceNotBound, match=r"Plain has no context: give it to a ServiceRunner"):
        getattr(Plain(), call)("other")


def test_name_logger_and_calls_come_from_ctx_when_there_is_one():
    class Context:
        name = "gateway"
        logger = logging.getLogger("of the context")

        def call_service(self, service_name, *args, timeout=None, method=None, **kwargs):
            return service_name, args, timeout, method, kwargs

        call_service_async = call_service

    service = Plain()
    service.ctx = Context()
    expected = ("cache", (1,), 2.0, "get", {"deep": True})
    assert service.name == "gateway"
    assert service.logger is Context.logger
    assert service.call_service("cache", 1, timeout=2.0, method="get", deep=True) == expected
    assert service.call_service_async("cache", 1, timeout=2.0, method="get", deep=True) == expected
