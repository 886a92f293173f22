"""A queue held by a local Ray, filled by a task in another process."""

# requires: ray

# --8<-- [start:main]
import ray

from sage.platform.queue import RayQueueDescriptor, resolve_descriptor


@ray.remote
def produce(where: dict[str, object]) -> None:
    frames = resolve_descriptor(where)
    for number in range(3):
        frames.put(f"frame {number}", timeout=10)


def main() -> None:
    frames = RayQueueDescriptor(maxsize=1000, queue_id="frames")
    ray.get(produce.remote(frames.to_dict()))
    print([frames.get(timeout=10) for _ in range(3)])
    frames.delete()


# --8<-- [end:main]


if __name__ == "__main__":
    ray.init(
        address="local",
        num_cpus=1,
        include_dashboard=False,
        log_to_driver=False,
    )
    try:
        main()
    finally:
        ray.shutdown()
