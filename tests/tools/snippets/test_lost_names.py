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
