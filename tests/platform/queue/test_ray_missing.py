"""Without Ray, or without a running one, the error says what to do."""

import subprocess
import sys


def run(program: str) -> str:
    done = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
    return done.stdout.strip()


def test_without_ray_the_error_names_the_extra() -> None:
    said = run(
        "import sys; sys.modules['ray'] = None\n"
        "from sage.platform.queue import RayQueueDescriptor\n"
        "try:\n    RayQueueDescriptor().put(1)\nexcept ImportError as error:\n    print(error)\n"
    )
    assert said == "ray is not installed; run: pip install 'sage-platform[ray]'"


def test_without_a_running_ray_the_error_says_how_to_reach_one() -> None:
    said = run(
        "from sage.platform.queue import QueueUnavailable, RayQueueDescriptor\n"
        "try:\n    RayQueueDescriptor(queue_id='q').put(1)\n"
        "except QueueUnavailable as error:\n    print(error)\n"
    )
    assert said == (
        "queue 'q' at ray is not available: Ray does not run in this process; "
        "call ray.init(address=...) first"
    )
