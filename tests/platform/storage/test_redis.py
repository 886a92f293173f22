"""What Redis stores promise under faults, each against a real server of our own."""

import datetime
import ipaddress
import math
import os
import signal
import socket
import subprocess
import sys
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path

import pytest
import redis
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from sage.platform.storage import (
    ABSENT,
    StoreCorrupted,
    StoreTimeout,
    StoreUnavailable,
    open_store,
)
from sage.platform.storage.redis import RedisByteStore

pytestmark = pytest.mark.redis


def client_of(server, db=0):
    return redis.Redis("127.0.0.1", server.port, db, protocol=2)


def calls_of(server, command):
    """How often the server has carried out a command since it started."""
    with client_of(server) as client:
        return client.info("commandstats").get(f"cmdstat_{command}", {}).get("calls", 0)


def test_a_frozen_server_costs_the_time_out_and_no_more(own_redis):
    server = own_redis()
    with server.open(timeout=1) as store:
        for use, connected, in_doubt in [
            (lambda: store.set(b"a", b"2"), True, True),
            (lambda: store.set_many({b"a": b"2"}), True, True),
            (lambda: store.get(b"a"), True, False),
            (lambda: store.set(b"a", b"2"), False, False),  # never sent
        ]:
            if connected:
                server.kill(signal.SIGCONT)
                store.set(b"a", b"1")
                server.kill(signal.SIGSTOP)
            began = time.monotonic()
            with pytest.raises(StoreTimeout) as caught:
                use()
            assert 0.9 < time.monotonic() - began < 4
            assert caught.value.in_doubt is in_doubt
            assert ("it is not known whether it was written" in str(caught.value)) is in_doubt
        began = time.monotonic()
        with pytest.raises((StoreTimeout, StoreUnavailable)):
            server.open(timeout=1)
        assert time.monotonic() - began < 4
        server.kill(signal.SIGCONT)
        store.set(b"b", b"3")
        assert store.get(b"b") == b"3"


def test_a_thawed_server_carries_out_each_late_write_once(own_redis):
    server = own_redis()
    with server.open(timeout=1) as store:
        first = store.set(b"count", b"0")
        server.kill(signal.SIGSTOP)
        with pytest.raises(StoreTimeout):
            store.set(b"count", b"1", if_version=first)
        server.kill(signal.SIGCONT)
        # What is in doubt is settled by reading, as the message says.
        entry = store.read(b"count")
        written = entry.version != first
        assert entry.value == (b"1" if written else b"0")
        assert (store.set(b"count", b"2", if_version=first) is None) is written


@dataclass
class Faults:
    """What the proxy does wrong from now on."""

    answers_to_lose: float = 0
    hangs_up_at_once: bool = False

    def take_answer(self):
        """Say whether this answer gets lost."""
        lost = self.answers_to_lose > 0
        self.answers_to_lose -= lost
        return lost


class Wire:
    """One connection through the proxy: what was asked last, and both directions."""

    def __init__(self, near, far, faults):
        self.near, self.far, self.faults = near, far, faults
        self.asked = b""
        self.threads = [threading.Thread(target=work, daemon=True) for work in (self.up, self.down)]
        for thread in self.threads:
            thread.start()

    def up(self):
        with suppress(OSError):
            while data := self.near.recv(65536):
                self.asked = data
                self.far.sendall(data)
        self.end()

    def down(self):
        with suppress(OSError):
            while data := self.far.recv(65536):
                if b"CLIENT" not in self.asked and self.faults.take_answer():
                    break  # the server has done it; its answer is lost
                self.near.sendall(data)
        self.end()

    def end(self):
        for side in (self.near, self.far):
            with suppress(OSError):
                side.shutdown(socket.SHUT_RDWR)

    def close(self):
        self.end()
        for thread in self.threads:
            thread.join(10)
        self.near.close()
        self.far.close()


@contextmanager
def cutting_proxy(server):
    """Pass bytes through; when told to, lose the answer of a command and hang up."""
    faults = Faults()
    wires = []
    listener = socket.create_server(("127.0.0.1", 0))

    def serve():
        with suppress(OSError):
            while True:
                near, _ = listener.accept()
                if faults.hangs_up_at_once:
                    near.close()
                    continue
                far = socket.create_connection(("127.0.0.1", server.port))
                wires.append(Wire(near, far, faults))

    thread = threading.Thread(target=serve, daemon=True)
    thread.start()
    try:
        yield listener.getsockname()[1], faults
    finally:
        listener.shutdown(socket.SHUT_RDWR)
        listener.close()
        thread.join(10)
        for wire in wires:
            wire.close()


def test_a_write_whose_answer_is_lost_is_never_sent_twice(own_redis):
    server = own_redis()
    with cutting_proxy(server) as (port, faults), RedisByteStore("127.0.0.1", port) as store:
        before = calls_of(server, "set")
        faults.answers_to_lose = math.inf
        with pytest.raises(StoreUnavailable, match="it is not known whether") as caught:
            store.set(b"a", b"1")
        assert caught.value.in_doubt
        assert calls_of(server, "set") - before == 1
        with pytest.raises(StoreUnavailable) as caught:
            store.set_many({b"b": b"1", b"c": b"2"})
        assert caught.value.in_doubt
        assert calls_of(server, "exec") == 1
        with pytest.raises(StoreUnavailable) as caught:
            store.delete(b"a")
        assert caught.value.in_doubt
        assert calls_of(server, "del") == 1


def test_a_read_whose_connection_is_cut_is_sent_once_more(own_redis):
    server = own_redis()
    with cutting_proxy(server) as (port, faults), RedisByteStore("127.0.0.1", port) as store:
        store.set(b"a", b"1")
        before = calls_of(server, "get")
        faults.answers_to_lose = math.inf
        with pytest.raises(StoreUnavailable) as caught:
            store.get(b"a")
        assert not caught.value.in_doubt
        assert calls_of(server, "get") - before == 2
        faults.answers_to_lose = 0
        assert store.get(b"a") == b"1"


@pytest.mark.parametrize(
    ("use", "answer"),
    [
        (lambda store: store.get(b"a"), b"1"),
        (lambda store: store.read(b"a").value, b"1"),
        (lambda store: store.has(b"a"), True),
        (lambda store: store.get_many([b"a", b"b"]), {b"a": b"1"}),
        (lambda store: store.scan().keys, (b"a",)),
    ],
    ids=["get", "read", "has", "get_many", "scan"],
)
def test_no_read_fails_when_one_answer_is_lost(own_redis, use, answer):
    server = own_redis()
    with cutting_proxy(server) as (port, faults), RedisByteStore("127.0.0.1", port) as store:
        store.set(b"a", b"1")
        faults.answers_to_lose = 1
        assert use(store) == answer
        assert faults.answers_to_lose == 0


def test_a_write_without_a_connection_is_not_in_doubt_however_connecting_failed(own_redis):
    server = own_redis()
    with cutting_proxy(server) as (port, faults), RedisByteStore("127.0.0.1", port) as store:
        faults.hangs_up_at_once = True
        with client_of(server) as client:
            client.client_kill_filter(_type="normal")
        for write in (
            lambda: store.set(b"a", b"1"),
            lambda: store.set(b"a", b"1", if_version=7),
            lambda: store.set_many({b"a": b"1"}),
            lambda: store.delete(b"a"),
        ):
            with pytest.raises(StoreUnavailable) as caught:
                write()
            assert not caught.value.in_doubt
            assert "it is not known whether it was written" not in str(caught.value)


def test_a_write_that_the_server_refuses_to_this_user_is_not_in_doubt(own_redis):
    server = own_redis()
    with server.open() as store, client_of(server) as client:
        client.config_set("requirepass", "secret")
        client.client_kill_filter(_type="normal")
        with pytest.raises(StoreUnavailable, match="Authentication required") as caught:
            store.set(b"a", b"1")
        assert not caught.value.in_doubt


def test_kill_9_loses_no_write_that_returned_and_the_store_goes_on(own_redis):
    server = own_redis("--appendonly", "yes", "--appendfsync", "always")
    with server.open(timeout=2) as store:
        confirmed = []
        killer = threading.Thread(target=kill_after, args=(server, confirmed, 200))
        killer.start()
        with pytest.raises((StoreUnavailable, StoreTimeout)) as caught:
            write_on(store, confirmed)
        killer.join(20)
        assert isinstance(caught.value.in_doubt, bool)
        with pytest.raises(StoreUnavailable) as refused:
            store.set(b"down", b"x")
        assert not refused.value.in_doubt  # it was never sent
        server.start()
        assert len(confirmed) >= 200
        assert store.get_many(confirmed) == dict.fromkeys(confirmed, b"value" * 100)
        extra = len(set(scan_all(store)) - set(confirmed))
        assert extra <= 1  # the one write in doubt
        store.set(b"after", b"1")
        assert store.get(b"after") == b"1"


def kill_after(server, confirmed, count):
    """Kill the server while writes go on, once this many have been confirmed."""
    while len(confirmed) < count:
        threading.Event().wait(0.001)
    server.kill()


def write_on(store, confirmed):
    """Write until it fails; what was confirmed is in the list."""
    for number in range(1_000_000):
        store.set(b"%d" % number, b"value" * 100)
        confirmed.append(b"%d" % number)


def scan_all(store):
    page = store.scan()
    keys = list(page.keys)
    while page.cursor is not None:
        page = store.scan(cursor=page.cursor)
        keys += page.keys
    return keys


def test_no_server_is_a_clear_error_at_once(own_redis):
    server = own_redis()
    server.stop()
    with pytest.raises(StoreUnavailable, match=r"redis://127.0.0.1:\d+/0 could not connect"):
        open_store(server.url)


def test_keys_of_other_programs_are_left_alone(redis_server, fresh_db):
    db = fresh_db()
    with client_of(redis_server, db) as client:
        client.set("theirs", "1")
        client.rpush("default:list", "1")
        with open_store(f"redis://127.0.0.1:{redis_server.port}/{db}") as store:
            store.set("mine", 1)
            store.namespace("jobs").set("7", 1)
            for use in (lambda: store.get("list"), lambda: store.set_if("list", 1, 5)):
                with pytest.raises(StoreCorrupted, match="it holds no string"):
                    use()
            client.set("default:foreign", "written by hand")
            uses = (
                lambda: store.get("foreign"),
                lambda: store.read("foreign"),
                lambda: store.get_many(["foreign"]),
            )
            for use in uses:
                with pytest.raises(StoreCorrupted, match="b'default:foreign' in redis"):
                    use()
            store.clear()
            assert store.namespace("jobs").get_all_keys() == ["7"]
        assert client.get("theirs") == b"1"


def test_a_full_server_refuses_and_changes_nothing(own_redis):
    server = own_redis("--maxmemory", "3mb")
    with server.open() as store:
        store.set(b"kept", b"1")
        confirmed = []
        with pytest.raises(StoreUnavailable, match="could not set") as caught:
            write_on(store, confirmed)
        assert store.get_many(confirmed) == dict.fromkeys(confirmed, b"value" * 100)
        assert not caught.value.in_doubt
        with pytest.raises(StoreUnavailable) as caught:
            store.set_many({b"a": b"1", b"b": b"2"})
        assert not caught.value.in_doubt
        assert store.get_many([b"kept", b"a", b"b"]) == {b"kept": b"1"}


def test_a_wrong_password_is_refused_and_no_password_is_ever_shown(own_redis):
    server = own_redis("--requirepass", "right")
    with open_store(f"redis://:right@127.0.0.1:{server.port}/0") as store:
        store.set("a", 1)
        assert "right" not in repr(store)
    for url in (server.url, f"redis://:wrong%21@127.0.0.1:{server.port}/0"):
        with pytest.raises(StoreUnavailable, match="could not connect") as caught:
            open_store(url)
        assert "wrong!" not in str(caught.value)


def test_a_forked_child_uses_connections_of_its_own(redis_server, fresh_db):
    with redis_server.open(db=fresh_db()) as store:
        store.set(b"a", b"parent")
        child = os.fork()
        if child == 0:
            try:
                done = store.get(b"a") == b"parent" and store.set(b"b", b"child") is not None
                os._exit(0 if done else 1)
            finally:
                os._exit(2)
        for _ in range(50):
            assert store.get(b"a") == b"parent"
        assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == 0
        assert store.get(b"b") == b"child"


def test_parent_and_child_never_make_the_same_version(redis_server, fresh_db):
    program = """
import os, sys
from sage.platform.storage.redis import RedisByteStore
store = RedisByteStore("127.0.0.1", int(sys.argv[1]), db=int(sys.argv[2]))
store.set(b"warm", b"")
child = os.fork()
versions = [store.set(b"key", b"x") for _ in range(20)]
print(*versions, flush=True)
if child:
    os.waitpid(child, 0)
else:
    os._exit(0)
store.close()
"""
    command = [sys.executable, "-c", program, str(redis_server.port), str(fresh_db())]
    done = subprocess.run(command, capture_output=True, text=True, timeout=60, check=True)
    assert len(set(done.stdout.split())) == 40


def test_nothing_is_left_after_a_hundred_openings(redis_server, fresh_db):
    db = fresh_db()

    def left():
        kinds = ("fd", "task")
        here = [len(list(Path(f"/proc/self/{kind}").iterdir())) for kind in kinds]
        with client_of(redis_server) as client:
            return [*here, client.info("clients")["connected_clients"]]

    def once():
        with redis_server.open(db=db) as store:
            store.set(b"a", b"1")
            store.set(b"a", b"2", if_version=ABSENT)
            store.get_many([b"a"])

    once()
    before = left()
    for _ in range(100):
        once()
    end = time.monotonic() + 5
    while left() != before and time.monotonic() < end:
        time.sleep(0.01)  # the server notices closed connections on its own time
    assert left() == before


def test_threads_get_connections_of_their_own(redis_server, fresh_db):
    with redis_server.open(db=fresh_db()) as store:
        wrong = []

        def work(who):
            key = b"%d" % who
            for number in range(50):
                store.set(key, b"%d:%d" % (who, number))
                if store.get(key) != b"%d:%d" % (who, number):
                    wrong.append(who)

        threads = [threading.Thread(target=work, args=(who,)) for who in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(30)
        assert wrong == []


def test_many_more_threads_than_redis_pys_pool_holds_wait_for_a_slow_server(own_redis):
    def open_files():
        return len(list(Path("/proc/self/fd").iterdir()))

    server = own_redis()
    with server.open(timeout=60) as store, ThreadPoolExecutor(150) as threads:
        store.set(b"a", b"1")
        before = open_files()
        server.kill(signal.SIGSTOP)
        got = [threads.submit(store.get, b"a") for _ in range(150)]
        end = time.monotonic() + 30
        while open_files() < before + 145 and time.monotonic() < end:
            time.sleep(0.005)
        server.kill(signal.SIGCONT)
        assert [each.result(60) for each in got] == [b"1"] * 150


def test_a_script_that_the_server_forgot_is_sent_again(redis_server, fresh_db):
    with redis_server.open(db=fresh_db()) as store:
        version = store.set(b"a", b"1")
        with client_of(redis_server) as client:
            client.script_flush()
        assert store.set(b"a", b"2", if_version=version) is not None
        assert store.get(b"a") == b"2"


def certificate(folder):
    """Make a key and a certificate of our own for 127.0.0.1, good for a day."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    here = x509.IPAddress(ipaddress.ip_address("127.0.0.1"))
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(hours=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName([here]), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    pem = serialization.Encoding.PEM
    private = serialization.PrivateFormat.PKCS8
    (folder / "cert.pem").write_bytes(signed.public_bytes(pem))
    (folder / "key.pem").write_bytes(key.private_bytes(pem, private, serialization.NoEncryption()))
    return folder / "cert.pem", folder / "key.pem"


@pytest.fixture
def tls_port(redis_binary, tmp_path):
    """A server that speaks TLS only."""
    cert, key = certificate(tmp_path)
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
    command = [redis_binary, "--port", "0", "--tls-port", str(port), "--bind", "127.0.0.1"]
    command += ["--tls-cert-file", str(cert), "--tls-key-file", str(key), "--save", ""]
    command += ["--tls-auth-clients", "no", "--dir", str(tmp_path)]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    end = time.monotonic() + 20
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            break
        except OSError:
            assert process.poll() is None
            assert time.monotonic() < end
            time.sleep(0.01)
    yield port
    process.terminate()
    process.wait(20)


def test_tls_checks_the_servers_certificate(tls_port, tmp_path):
    url = f"rediss://127.0.0.1:{tls_port}/0"
    with open_store(f"{url}?ca={tmp_path}/cert.pem") as store:
        store.set("a", 1)
        assert store.get("a") == 1
    with pytest.raises(StoreUnavailable, match=r"(?i)certificate"):
        open_store(url)


def test_plain_text_to_a_tls_port_is_an_error_and_not_a_wait(tls_port):
    began = time.monotonic()
    with pytest.raises((StoreUnavailable, StoreTimeout)):
        open_store(f"redis://127.0.0.1:{tls_port}/0?timeout=1")
    assert time.monotonic() - began < 5


@pytest.mark.parametrize("version", [-1, 1 << 64])
def test_a_version_that_no_write_could_have_changes_nothing(redis_server, fresh_db, version):
    with redis_server.open(db=fresh_db()) as store:
        store.set(b"a", b"1")
        assert store.set(b"a", b"2", if_version=version) is None
        assert store.get(b"a") == b"1"


def test_sync_says_that_redis_cannot_confirm(redis_server):
    with (
        redis_server.open() as store,
        pytest.raises(StoreUnavailable, match="could not sync: its appendfsync setting"),
    ):
        store.sync()
