"""Forks tells what a process opened itself from what its parent had open."""

import gc
import os
import threading
import weakref

from sage.common.forks import ForkedLock, Forks, keep_for_ever


class Opened:
    def __init__(self) -> None:
        self.is_childs = False

    def become_child(self) -> None:
        self.is_childs = True


def in_child(look) -> str:
    """What `look` returns in a forked child."""
    reading, writing = os.pipe()
    child = os.fork()
    if child == 0:
        os.write(writing, str(look()).encode())
        os._exit(0)
    os.close(writing)
    os.waitpid(child, 0)
    said = os.read(reading, 1000).decode()
    os.close(reading)
    return said


def test_a_child_is_told_what_was_open_and_the_parent_is_not() -> None:
    forks, open_one, closed = Forks(), Opened(), Opened()
    forks.add(open_one)
    forks.add(closed)
    forks.discard(closed)
    seen = in_child(lambda: (forks.inherited, open_one.is_childs, closed.is_childs))
    assert seen == "(True, True, False)"
    assert (forks.inherited, open_one.is_childs) == (False, False)


def test_what_was_closed_again_is_inherited_and_what_was_never_used_is_not() -> None:
    used, unused, opened = Forks(), Forks(), Opened()
    used.add(opened)
    used.discard(opened)
    assert in_child(lambda: (used.inherited, unused.inherited)) == "(True, False)"


def test_a_grandchild_inherits_too() -> None:
    forks = Forks()
    forks.add(Opened())
    assert in_child(lambda: in_child(lambda: forks.inherited)) == "True"


def test_what_is_kept_for_ever_is_never_freed() -> None:
    freed: list[str] = []
    for name, keep in (("kept", True), ("not kept", False)):
        value = Opened()
        weakref.finalize(value, freed.append, name).atexit = False
        if keep:
            keep_for_ever(value)
        del value
    gc.collect()
    assert freed == ["not kept"]


def test_a_child_finds_the_lock_free_that_a_thread_of_its_parent_holds() -> None:
    lock = ForkedLock()
    held, done = threading.Event(), threading.Event()

    def hold() -> None:
        with lock:
            held.set()
            done.wait(20)

    def take() -> str:
        with lock:
            return "taken"

    holder = threading.Thread(target=hold)
    holder.start()
    held.wait(20)
    assert in_child(take) == "taken"
    done.set()
    holder.join()
    assert take() == "taken"
