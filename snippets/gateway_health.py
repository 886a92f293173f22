"""A gateway with health: alive, and ready while its store answers."""

# --8<-- [start:main]
import time

from sage.platform.service import BaseService, Check, Health, ServiceRunner


class Store(BaseService):
    """What the gateway depends on; here it can be made to fail."""

    up = True

    def process(self) -> None:
        if not self.up:
            raise ConnectionError("the store does not answer")


class Gateway(BaseService):
    """Gives work only to a store that answers."""

    needs = ("store",)

    def checks(self) -> list[Check]:
        return [Check("store", self.ask_store, every=0.01)]

    def ask_store(self) -> None:
        self.call_service("store", timeout=1)


def show(health: Health, *, ready: bool) -> None:
    deadline = time.monotonic() + 5
    while time.monotonic() < deadline:
        live = health.liveness().healthy
        if live and health.readiness().healthy is ready:
            break
        time.sleep(0.01)  # a probe answers with what was last seen
    print("live: ", health.liveness())
    print("ready:", health.readiness())


def main() -> None:
    store = Store()
    with ServiceRunner({"gateway": Gateway(), "store": store}) as runner:
        show(runner.health, ready=True)
        store.up = False
        show(runner.health, ready=False)
        store.up = True
        show(runner.health, ready=True)


# --8<-- [end:main]


if __name__ == "__main__":
    main()
