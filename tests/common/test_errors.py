"""Errors say what to do and survive the way between processes."""

import pickle
from importlib.metadata import EntryPoint

import pytest

from sage.common.codec import CodecError
from sage.common.errors import AlreadyRegistered, CannotLoad, MissingExtra, NotRegistered, SageError


@pytest.mark.parametrize(
    ("error", "builtin", "sentence"),
    [
        (
            NotRegistered("queue type", "x", ["b", "a"], hint="Import y."),
            LookupError,
            "no queue type is registered as 'x'; registered are: a, b. Import y.",
        ),
        (
            AlreadyRegistered("colour", "red", 1, 2),
            ValueError,
            "colour 'red' is already 1; pass replace=True to put 2 in its place",
        ),
        (
            MissingExtra("sage-platform", "ray", "ray"),
            ImportError,
            "ray is not installed; run: pip install 'sage-platform[ray]'",
        ),
        (
            CannotLoad("colour", EntryPoint("red", "reds:RED", "colours"), OSError("no paint")),
            ImportError,
            "colour 'red' could not be loaded from reds:RED, which an unknown distribution "
            "declares in colours: OSError: no paint; "
            "repair, upgrade or uninstall that distribution",
        ),
        (
            CodecError("raw", "encode", "int", "expected bytes"),
            ValueError,
            "raw cannot encode int: expected bytes",
        ),
    ],
)
def test_error_is_a_sage_error_and_a_builtin_and_pickles_whole(
    error: SageError, builtin: type[Exception], sentence: str
) -> None:
    again = pickle.loads(pickle.dumps(error))
    assert isinstance(error, SageError)
    assert isinstance(error, builtin)
    assert str(error) == sentence
    assert type(again) is type(error)
    assert str(again) == sentence
    assert again.__dict__ == error.__dict__
