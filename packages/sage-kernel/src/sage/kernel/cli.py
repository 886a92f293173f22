"""The command `sage-kernel`."""

import argparse
import asyncio
import os
import signal
import sys
from collections.abc import Sequence
from pathlib import Path

from sage.platform.queue import DEFAULT_RPC_PORT

__all__ = ["main"]

TOKEN_VARIABLE = "SAGE_RPC_TOKEN"


def main(arguments: Sequence[str] | None = None) -> int:
    """Run the command and return its exit code: 0 done, 2 it could not begin.

    Args:
        arguments: What stands behind `sage-kernel`; None takes the process's own.
    """
    options = _parser().parse_args(arguments)
    from sage.kernel.runtime.communication.rpc import CannotServe

    try:
        asyncio.run(_serve(options))
    except (CannotServe, OSError) as error:
        print(f"sage-kernel rpc-serve: {error}", file=sys.stderr)
        return 2
    return 0


class _Defaults(argparse.ArgumentDefaultsHelpFormatter):
    """Tells the default of an option that has one."""

    def _get_help_string(self, action: argparse.Action) -> str | None:
        return super()._get_help_string(action) if action.default else action.help


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="sage-kernel", description="SAGE's runtime.")
    commands = parser.add_subparsers(dest="command", required=True)
    serve = commands.add_parser(
        "rpc-serve",
        help="serve named queues to the processes of one trust domain",
        description="Serve named, bounded queues in memory until SIGINT or SIGTERM. "
        "What must survive a restart belongs in a Redis Streams queue.",
        formatter_class=_Defaults,
    )
    add = serve.add_argument
    add("--host", default="localhost", help="listen here; beyond loopback needs TLS and a token")
    add("--port", type=int, default=DEFAULT_RPC_PORT, help="TCP port; 0 takes a free one")
    add("--tls-cert", metavar="PEM", help="certificate chain")
    add("--tls-key", metavar="PEM", help="private key of the certificate")
    add(
        "--token-file",
        metavar="FILE",
        help=f"file with the bearer token; without it, the variable {TOKEN_VARIABLE} if set",
    )
    add("--max-items", type=int, default=100_000, help="items in a queue that names no maxsize")
    add("--max-item-bytes", type=int, default=4 * 1024 * 1024, help="bytes of one encoded item")
    add(
        "--max-bytes",
        type=int,
        default=1024 * 1024 * 1024,
        help="bytes of all items of all queues together; beyond, a put waits for room",
    )
    add(
        "--max-deliveries",
        type=int,
        default=16,
        help="deliveries of an item before it is a dead letter; 0 for no bound",
    )
    add(
        "--lease-seconds",
        type=float,
        default=30.0,
        help="seconds of silence after which a consumer counts as dead",
    )
    add(
        "--allow-pickle", action="store_true", help="accept pickled items: unpickling runs any code"
    )
    return parser


async def _serve(options: argparse.Namespace) -> None:
    from sage.kernel.runtime.communication.rpc import Limits
    from sage.kernel.runtime.communication.rpc.server import ServerOptions, serve

    stop = asyncio.Event()
    loop = asyncio.get_running_loop()
    for number in (signal.SIGINT, signal.SIGTERM):
        loop.add_signal_handler(number, stop.set)
    limits = Limits(
        max_items=options.max_items,
        max_item_bytes=options.max_item_bytes,
        max_bytes=options.max_bytes,
        max_deliveries=options.max_deliveries,
        lease_seconds=options.lease_seconds,
        allow_pickle=options.allow_pickle,
    )
    server = ServerOptions(
        options.host, options.port, options.tls_cert, options.tls_key, _token(options), limits
    )
    await serve(
        server,
        lambda port: print(
            f"sage-kernel rpc-serve: listening on {options.host}:{port}", flush=True
        ),
        stop,
    )


def _token(options: argparse.Namespace) -> str | None:
    if options.token_file is None:
        return os.environ.get(TOKEN_VARIABLE) or None
    try:
        token = Path(options.token_file).read_text(encoding="utf-8").strip()
    except UnicodeDecodeError as error:
        raise OSError(f"{options.token_file} holds no UTF-8 text; write a token into it") from error
    except OSError as error:
        raise OSError(f"cannot read the token in {options.token_file}: {error.strerror}") from error
    if not token:
        raise OSError(f"{options.token_file} is empty; write the token into it")
    return token
