"""What a crash takes away is told to every snippet that builds on it, however far down."""

PAGE = """\
```python
x = 1
```

```python
import os, signal
os.kill(os.getpid(), signal.SIGKILL)
```

```python
y = x + 1
```

```python
print(y)
```

```python
z = 0
print(z)
```
"""


def test_a_snippet_that_builds_on_one_that_did_not_run_does_not_run_either(run):
    outcomes = run(PAGE)
    ended = "from before line 5, where the page's process ended"
    assert [str(one.status) for one in outcomes.values()] == [
        "passed", "failed", "failed", "failed", "passed",
    ]  # fmt: skip
    assert outcomes[10].message == f"not run: it uses x {ended}"
    assert outcomes[14].message == f"not run: it uses y {ended}"


REBOUND = """\
```python
import os, signal
x = 1
os.kill(os.getpid(), signal.SIGKILL)
```

```python
import os
print(os.sep)
```

```pycon
>>> os.sep
'/'
```

```python
import signal as os
def twice(x):
    return 2 * x
for x in range(2):
    print(twice(x), os.SIGTERM)
```

```python
x = x + 1
```

```python
signal.alarm(0)
```

```python
import signal

signal.alarm(0)
```
"""


def test_a_snippet_that_binds_a_lost_name_anew_runs_and_gives_it_back(run):
    outcomes = run(REBOUND)
    failed = {line: one.message for line, one in outcomes.items() if not one.passed}
    assert failed == {
        1: "its process was ended by SIGKILL",
        29: "not run: it uses signal from before line 1, where the page's process ended",
    }
    assert list(outcomes) == [1, 7, 12, 17, 25, 29, 33]
