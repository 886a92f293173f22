"""A process and its child share a queue: the descriptor is an argument."""

# --8<-- [start:main]
import multiprocessing

from sage.platform.queue import PythonQueueDescriptor


def double(
    numbers: PythonQueueDescriptor, results: PythonQueueDescriptor
) -> None:
    number = numbers.get(timeout=30)
    assert isinstance(number, int)
    results.put(2 * number)


if __name__ == "__main__":
    numbers = PythonQueueDescriptor(use_multiprocessing=True)
    results = PythonQueueDescriptor(use_multiprocessing=True)
    numbers.put(21)
    spawn = multiprocessing.get_context("spawn")
    worker = spawn.Process(target=double, args=(numbers, results))
    worker.start()
    print(results.get(timeout=30))
    worker.join()
    numbers.delete()
    results.delete()
# --8<-- [end:main]
