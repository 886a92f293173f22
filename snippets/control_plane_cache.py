"""The cache of a control plane: one URL decides where it lives."""

# --8<-- [start:main]
from collections.abc import Callable

from sage.platform.storage import KeyValueStore, open_store

URL = "memory://"  # in production: redis://cache:6379/0


class SettingsCache:
    """Answers of the control plane, kept for half a minute."""

    def __init__(
        self, store: KeyValueStore, ask: Callable[[str], object]
    ) -> None:
        self._store = store.namespace("control-plane/settings")
        self._ask = ask

    def get(self, node: str) -> object:
        kept = self._store.get(node)
        if kept is None:
            kept = self._ask(node)
            self._store.set(node, kept, ttl=30)
        return kept


def main() -> None:
    asked: list[str] = []

    def ask(node: str) -> object:
        asked.append(node)
        return {"node": node, "workers": 4}

    with open_store(URL) as store:
        cache = SettingsCache(store, ask)
        print(cache.get("node-1"))
        print(cache.get("node-1"))
        print("asked the control plane about:", asked)
        print("keys that others see:", store.get_all_keys())


# --8<-- [end:main]


if __name__ == "__main__":
    main()
