"""What a Redis URL says is what holds: user, password and time-out, in the URL's own spelling."""

import socket
import time
from urllib.parse import quote

import pytest
import redis

from sage.platform.storage import StoreError, StoreUnavailable, open_store

USER, PASSWORD = "ada@home", "p@ss:w/rd"


def test_user_and_password_may_hold_the_marks_of_a_url(own_redis):
    server = own_redis()
    with redis.Redis("127.0.0.1", server.port, protocol=2) as client:
        client.acl_setuser(
            USER, enabled=True, passwords=[f"+{PASSWORD}"], keys=["*"], categories=["+@all"]
        )
        client.acl_setuser("default", enabled=False)
    at = f"127.0.0.1:{server.port}/0"
    with open_store(f"redis://{quote(USER, safe='')}:{quote(PASSWORD, safe='')}@{at}") as store:
        store.set("a", 1)
        assert store.get("a") == 1
    for nobody in ("", f":{quote(PASSWORD, safe='')}@"):
        with pytest.raises(StoreUnavailable, match="could not connect"):
            open_store(f"redis://{nobody}{at}")


def test_a_server_that_never_answers_is_given_up_after_the_time_of_the_url():
    with socket.create_server(("127.0.0.1", 0)) as silent:
        url = f"redis://127.0.0.1:{silent.getsockname()[1]}/0?timeout=0.2"
        start = time.monotonic()
        with pytest.raises(StoreError):
            open_store(url).get("key")
        assert time.monotonic() - start < 4.5  # without it: 5
