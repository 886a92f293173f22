"""The platform layer: queues, storage and services that every layer above shares.

- `sage.platform.queue`: queues by name, in memory, on a server, on Ray.
- `sage.platform.storage`: key-value stores by URL.
- `sage.platform.service`: services with a lifecycle and health.
"""
