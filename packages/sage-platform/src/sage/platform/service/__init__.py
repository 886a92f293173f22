"""Services: hooks that a runner drives, calls between services, and health.

A service writes the hooks it needs; the runner starts each after those it needs, stops them in
reverse, and answers liveness, readiness and startup from the checks they name:

>>> class Cache(BaseService):
...     def setup(self):
...         self.data = {"plan": "retrieve"}
...     def get(self, key):
...         return self.data.get(key)
>>> class Gateway(BaseService):
...     needs = ("cache",)
...     def process(self, key):
...         return self.call_service("cache", key, method="get", timeout=1)
...     def checks(self):
...         return [Check("cache answers", lambda: self.process("plan") == "retrieve")]
>>> with ServiceRunner({"gateway": Gateway(), "cache": Cache()}) as runner:
...     print(list(runner.states))
...     print(runner.health.wait_until_ready(timeout=5))
...     print(runner.call_service("gateway", "plan"))
['cache', 'gateway']
True
retrieve

`runner.run()` does the same and blocks until SIGINT or SIGTERM. `HealthServer` answers `/livez`,
`/readyz` and `/startupz` over HTTP, with `pip install 'sage-platform[http]'`.
"""

from sage.platform.service.base import BaseService, ServiceContext
from sage.platform.service.errors import (
    HookExited,
    HookTimeout,
    ServiceCallTimeout,
    ServiceCycle,
    ServiceError,
    ServiceNotBound,
    ServiceNotFound,
    ServiceNotRunning,
    StartFailed,
    StopFailed,
)
from sage.platform.service.health import Check, CheckResult, Health, HealthReport
from sage.platform.service.http import HealthServer
from sage.platform.service.runner import ServiceRunner
from sage.platform.service.state import Deadlines, State

__all__ = [
    "BaseService",
    "Check",
    "CheckResult",
    "Deadlines",
    "Health",
    "HealthReport",
    "HealthServer",
    "HookExited",
    "HookTimeout",
    "ServiceCallTimeout",
    "ServiceContext",
    "ServiceCycle",
    "ServiceError",
    "ServiceNotBound",
    "ServiceNotFound",
    "ServiceNotRunning",
    "ServiceRunner",
    "StartFailed",
    "State",
    "StopFailed",
]
