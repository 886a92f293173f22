"""gRPC and forks: it is loaded so that a fork does no harm, and a child is refused (ADR-0005).

gRPC's own handlers run in every fork of a process that has loaded it. While other threads are in
a call they give up halfway, or hang the child before its first line, though it never meant to use
gRPC. Without them a child is well as long as it leaves gRPC alone.
"""

import logging
import os
import sys
from typing import Final

from sage.common.forks import Forks

__all__ = ["grpc_forks"]

log = logging.getLogger(__name__)

VARIABLE: Final = "GRPC_ENABLE_FORK_SUPPORT"  # read once, when the library is loaded
OFF: Final = ("0", "false", "no", "n", "f")


def _load_without_handlers() -> bool:
    """Load gRPC; False where its handlers are on: someone loaded it before, or wants them."""
    if VARIABLE in os.environ:
        return os.environ[VARIABLE].lower() in OFF
    if "grpc._cython.cygrpc" in sys.modules:
        return False
    os.environ[VARIABLE] = "0"
    try:
        import grpc
    finally:
        del os.environ[VARIABLE]  # a child program decides for itself
    return bool(grpc)


def _warn() -> None:
    if grpc_forks.used and not _harmless:
        log.warning(
            "this process forks while gRPC's own fork handlers are on, and the child may hang; "
            "set %s=0, or import sage.kernel.runtime.communication.rpc before grpc",
            VARIABLE,
        )


_harmless = _load_without_handlers()
grpc_forks: Final = Forks()
"""All channels and servers of this process share gRPC's threads, so there is one for all."""
if hasattr(os, "register_at_fork"):
    os.register_at_fork(before=_warn)
