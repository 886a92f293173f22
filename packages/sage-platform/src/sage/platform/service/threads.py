"""Functions in threads that nobody has to wait for, not even the end of the process."""

import inspect
import threading
from collections.abc import Callable
from concurrent.futures import Future
from contextlib import suppress
from contextvars import copy_context

import anyio
import anyio.from_thread
from anyio.lowlevel import EventLoopToken, current_token

__all__ = ["call_hook", "in_thread", "loop_of_this_thread", "on_loop"]


def in_thread(function: Callable[[], object], name: str) -> Future[object]:
    """Start the function in a daemon thread of its own and return its future at once.

    A thread of its own, because a pool of n lets n calls that wait for each other wait for ever;
    a daemon, because a hook past its deadline must not keep the process from ending.
    """
    future: Future[object] = Future()
    context = copy_context()

    def work() -> None:
        if not future.set_running_or_notify_cancel():
            return
        try:
            future.set_result(context.run(function))
        except BaseException as error:
            future.set_exception(error)

    threading.Thread(target=work, name=name, daemon=True).start()
    return future


async def call_hook(hook: Callable[[], object], name: str) -> object:
    """Run a hook: `async def` on this event loop, plain `def` in a thread; cancel ends the wait."""
    result = hook() if inspect.iscoroutinefunction(hook) else await _wait(in_thread(hook, name))
    return await result if inspect.isawaitable(result) else result


async def _wait(future: Future[object]) -> object:
    done = anyio.Event()
    token = current_token()

    def wake(_: Future[object]) -> None:
        if loop_of_this_thread() == token:  # it was done before anyone waited
            done.set()
            return
        with suppress(RuntimeError):  # the loop is gone: nobody waits any more
            anyio.from_thread.run_sync(done.set, token=token)

    future.add_done_callback(wake)
    await done.wait()
    return future.result()


def on_loop(function: Callable[[], object], seconds: float) -> Callable[[], object]:
    """Return a plain function that runs an `async def` on this event loop, from other threads.

    It is cancelled after these seconds. A plain function is returned as it is. SystemExit, which
    would end the loop and all that runs on it, reaches the caller as a RuntimeError.
    """
    if not inspect.iscoroutinefunction(function):
        return function
    token = current_token()

    async def work() -> object:
        try:
            with anyio.fail_after(seconds):
                return await function()
        except SystemExit as error:
            raise RuntimeError(f"it raised {error!r}") from error

    return lambda: anyio.from_thread.run(work, token=token)


def loop_of_this_thread() -> EventLoopToken | None:
    """Return the event loop that runs in this thread; None in a plain thread."""
    try:
        return current_token()
    except RuntimeError:
        return None
