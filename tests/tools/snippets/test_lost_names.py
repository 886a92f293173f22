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
    assert {line: (str(one.status), one.message) for line, one in outcomes.items()} == {
        1: ("passed", ""),
        5: ("failed", "the interpreter crashed: SIGKILL"),
        10: ("failed", f"not run: it uses x {ended}"),
        14: ("failed", f"not run: it uses y {ended}"),
        18: ("passed", ""),
    }
