"""Who starts before whom."""

from collections.abc import Mapping
from graphlib import CycleError, TopologicalSorter

from sage.platform.service.base import BaseService
from sage.platform.service.errors import ServiceCycle, ServiceNotFound

__all__ = ["start_order"]


def start_order(services: Mapping[str, BaseService]) -> list[str]:
    """Return the names so that each comes after those it needs; otherwise as they were given.

    Raises:
        ServiceNotFound: A service needs one that is not there.
        ServiceCycle: Services need each other in a circle.
        TypeError: What stands under a name is no service, or its `needs` are one text.
        ValueError: One service stands under two names.

    >>> class Cache(BaseService): ...
    >>> class Gateway(BaseService):
    ...     needs = ("cache",)
    >>> start_order({"gateway": Gateway(), "cache": Cache()})
    ['cache', 'gateway']
    """
    needs: dict[str, tuple[str, ...]] = {}
    _refuse_what_is_no_service(services)
    for name, service in services.items():
        for needed in service.needs:
            if needed not in services:
                raise ServiceNotFound(f"service for {name!r} to need named", needed, services)
        needs[name] = tuple(service.needs)
    try:
        return list(TopologicalSorter(needs).static_order())
    except CycleError as error:
        raise ServiceCycle(error.args[1][::-1]) from None


def _refuse_what_is_no_service(services: Mapping[str, BaseService]) -> None:
    names: dict[int, str] = {}
    for name, service in services.items():
        if not isinstance(service, BaseService):
            hint = "an instance, such as Cache()" if isinstance(service, type) else "a BaseService"
            raise TypeError(f"service {name!r} is {service!r}: expected {hint}")
        if isinstance(service.needs, str):
            raise TypeError(
                f"service {name!r} needs {service.needs!r}: expected names in a tuple, such as "
                f"({service.needs!r},)"
            )
        other = names.setdefault(id(service), name)
        if other != name:
            raise ValueError(f"{other!r} and {name!r} are one service: make two, or name it once")
