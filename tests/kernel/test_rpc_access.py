"""Who may talk to an RPC queue server, and what it does with those who talk nonsense."""

import datetime
import ipaddress
import os
import socket
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import grpc
import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID
from grpc_health.v1 import health_pb2, health_pb2_grpc

import sage.kernel
from sage.common.codec import CodecError
from sage.kernel.runtime.communication.rpc import CannotServe, PickleRefused, RPCQueueServer, wire
from sage.platform.queue import (
    ItemTooLarge,
    QueueConflict,
    QueueUnavailable,
    RPCQueueDescriptor,
)
from sage.platform.queue.contract import LeasingQueueContract, waiting

assert sage.kernel

SOON = 10.0


@pytest.fixture(scope="module")
def certificate(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """A self-signed certificate for localhost, and its key."""
    directory = tmp_path_factory.mktemp("tls")
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "localhost")])
    now = datetime.datetime.now(datetime.UTC)
    names = [x509.DNSName("localhost"), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    made = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - datetime.timedelta(days=1))
        .not_valid_after(now + datetime.timedelta(days=1))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), critical=True)
        .sign(key, hashes.SHA256())
    )
    (directory / "cert.pem").write_bytes(made.public_bytes(serialization.Encoding.PEM))
    (directory / "key.pem").write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
    )
    return str(directory / "cert.pem"), str(directory / "key.pem")


@pytest.fixture(scope="module")
def secure_port(certificate: tuple[str, str]) -> Any:
    from sage.kernel.runtime.communication.rpc import Limits

    limits = Limits(max_deliveries=3, lease_seconds=2)
    cert, key = certificate
    with RPCQueueServer(
        port=0, tls_cert=cert, tls_key=key, token="sesame", limits=limits
    ) as server:
        yield server.port


class TestContractOverTlsWithAToken(LeasingQueueContract):
    @pytest.fixture(autouse=True)
    def _server(
        self, secure_port: int, certificate: tuple[str, str], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setenv("SAGE_RPC_TOKEN", "sesame")  # what is pickled carries no token
        self.port = secure_port
        self.authorities = certificate[0]

    def make(self, *, maxsize: int = 0) -> RPCQueueDescriptor:
        return RPCQueueDescriptor(port=self.port, maxsize=maxsize, tls=self.authorities)


@pytest.mark.parametrize("token", [None, "open", "sesame "])
def test_a_wrong_or_missing_token_is_refused(
    secure_port: int, certificate: tuple[str, str], token: str | None
) -> None:
    made = RPCQueueDescriptor(port=secure_port, tls=certificate[0], token=token, queue_id="q")
    for use in (lambda: made.put(1), lambda: made.put_many([1, 2]), made.qsize, made.lease):
        with pytest.raises(QueueUnavailable, match="the token is missing or wrong"):
            use()
    made.close()


def test_plain_text_to_a_tls_port_is_a_clear_error(secure_port: int) -> None:
    made = RPCQueueDescriptor("localhost", secure_port, 1.0, token="sesame", queue_id="q")
    with pytest.raises(QueueUnavailable, match="do both use TLS or neither"):
        made.put(1)
    made.close()


def test_tls_to_a_plain_text_port_is_a_clear_error(
    rpc_port: int, certificate: tuple[str, str]
) -> None:
    made = RPCQueueDescriptor("localhost", rpc_port, 1.0, tls=certificate[0], queue_id="q")
    with pytest.raises(QueueUnavailable, match="do both use TLS or neither"):
        made.put(1)
    made.close()


def test_a_server_of_an_authority_that_nobody_named_is_refused(secure_port: int) -> None:
    made = RPCQueueDescriptor("localhost", secure_port, 1.0, tls=True, token="sesame")
    with pytest.raises(QueueUnavailable):
        made.put(1)
    made.close()


def test_an_authorities_file_that_is_not_there_is_named(secure_port: int) -> None:
    made = RPCQueueDescriptor("localhost", secure_port, tls="/no/ca.pem", queue_id="q")
    with pytest.raises(QueueUnavailable, match=r"cannot read the authorities in /no/ca\.pem"):
        made.put(1)


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        ({"host": "0.0.0.0"}, "reachable from other machines"),
        ({"host": "::", "token": "t"}, "reachable from other machines"),
        ({"host": "example.org"}, "reachable from other machines"),
        ({"host": "0.0.0.0", "token": "", "tls_cert": "c", "tls_key": "k"}, "reachable"),
        ({"tls_key": "k"}, "give both or neither"),
    ],
)
def test_a_server_beyond_loopback_needs_tls_and_a_token(
    options: dict[str, Any], sentence: str
) -> None:
    with pytest.raises(CannotServe, match=sentence):
        RPCQueueServer(port=0, **options)


def test_a_server_beyond_loopback_starts_with_both(certificate: tuple[str, str]) -> None:
    cert, key = certificate
    with RPCQueueServer("0.0.0.0", 0, tls_cert=cert, tls_key=key, token="t") as server:
        made = RPCQueueDescriptor(port=server.port, tls=cert, token="t", queue_id="q")
        made.put(1)
        assert made.get(timeout=SOON) == 1
        made.close()


@pytest.mark.parametrize("wrong", ["cert", "key", "swapped"])
def test_a_certificate_or_key_that_is_none_is_refused(
    certificate: tuple[str, str], tmp_path: Path, wrong: str
) -> None:
    (tmp_path / "x.pem").write_text("no certificate")
    none = str(tmp_path / "x.pem")
    cert, key = certificate
    pair = {"cert": (none, key), "key": (cert, none), "swapped": (key, cert)}[wrong]
    server = RPCQueueServer(port=0, tls_cert=pair[0], tls_key=pair[1])
    with pytest.raises(CannotServe, match=r"are no certificate and its key: .*; give two PEM"):
        server.start()


# ---- what is put ----


def test_an_item_larger_than_the_limit_is_refused_at_put(serve: Any) -> None:
    with serve("--max-item-bytes", "1000") as server:
        made = RPCQueueDescriptor(port=server.port, queue_id="q")
        made.put(bytes(900))
        with pytest.raises(ItemTooLarge, match="larger than the 1000 bytes that queue 'q' takes"):
            made.put(bytes(1001))
        with pytest.raises(ItemTooLarge):
            made.put_many([b"fits", bytes(2000)])
        assert made.get(timeout=SOON) == bytes(900)
        assert made.empty()  # a batch with such an item is refused whole
        made.put("and it goes on")
        made.close()


def test_an_item_that_no_frame_takes_is_refused_at_put(rpc_port: int) -> None:
    made = RPCQueueDescriptor(port=rpc_port, queue_id="huge")
    for put in (lambda: made.put(bytes(40_000_000)), lambda: made.put_many([bytes(40_000_000)])):
        with pytest.raises(ItemTooLarge):
            put()
    assert made.empty()
    made.close()


def test_an_item_without_a_form_in_the_codec_is_refused_and_those_before_it_are_stored(
    rpc_port: int,
) -> None:
    made = RPCQueueDescriptor(port=rpc_port, queue_id="no form")
    with pytest.raises(CodecError):
        made.put(object())
    with pytest.raises(CodecError):
        made.put_many([1, 2, object(), 3])
    assert made.get_many(9, timeout=SOON) == [1, 2]
    made.close()


def test_a_batch_of_very_uneven_items_passes(rpc_port: int) -> None:
    made = RPCQueueDescriptor(port=rpc_port, queue_id="uneven")
    sizes = [1] * 1500 + [1_000_000] * 24 + [1] * 1500 + [3_000_000, 1, 3_000_000]
    made.put_many(map(bytes, sizes))
    assert made.qsize() == len(sizes)
    taken: list[int] = []
    while len(taken) < len(sizes):
        taken += [len(item) for item in made.get_many(5000, timeout=SOON)]  # type: ignore[arg-type]
    assert taken == sizes
    made.delete()


def test_an_error_of_the_callers_own_iterable_comes_after_what_was_before_it(
    rpc_port: int,
) -> None:
    def items() -> Iterator[int]:
        yield from range(20)
        raise ZeroDivisionError

    made = RPCQueueDescriptor(port=rpc_port, queue_id="own error")
    with pytest.raises(ZeroDivisionError):
        made.put_many(items())
    assert made.get_many(99, timeout=SOON) == list(range(20))
    made.close()


def test_pickle_passes_only_when_all_three_have_opted_in(serve: Any, rpc_port: int) -> None:
    strict = RPCQueueDescriptor(port=rpc_port, queue_id="pickle", codec="pickle")
    with pytest.raises(PickleRefused, match="the server does not take pickled items"):
        strict.put({1, 2})
    strict.close()
    with serve("--allow-pickle") as server:
        giver = RPCQueueDescriptor(port=server.port, queue_id="q", codec="pickle")
        taker = RPCQueueDescriptor(port=server.port, queue_id="q")
        giver.put({1, 2})
        assert giver.get(timeout=SOON) == {1, 2}
        giver.put({1, 2})
        with pytest.raises(PickleRefused, match="this descriptor does not take pickled items"):
            taker.get(timeout=SOON)
        giver.close()
        taker.close()


def test_an_unknown_codec_is_refused() -> None:
    with pytest.raises(ValueError, match="codec must be one of msgpack, pickle, got 'xml'"):
        RPCQueueDescriptor(codec="xml").put(1)


def test_descriptors_that_disagree_about_maxsize_are_refused(rpc_port: int) -> None:
    first = RPCQueueDescriptor(port=rpc_port, queue_id="disputed", maxsize=2)
    first.put(1)
    with pytest.raises(QueueConflict, match="maxsize=2, this descriptor says maxsize=3"):
        RPCQueueDescriptor(port=rpc_port, queue_id="disputed", maxsize=3).put(1)
    assert RPCQueueDescriptor(port=rpc_port, queue_id="disputed").qsize() == 1
    first.close()


# ---- nonsense ----


@pytest.mark.parametrize(
    "frame",
    [
        b"",
        b"\x00",
        b"\xc1",
        b"\x92\xa3put\x01",
        b"\x93\xa2\x07\x82\x01\x01",
        bytes(range(100, 200)),
    ],
)
def test_a_malformed_frame_is_refused_and_the_server_goes_on(rpc_port: int, frame: bytes) -> None:
    with grpc.insecure_channel(f"localhost:{rpc_port}") as channel:
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary(wire.CALL)(frame, timeout=SOON)
        assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
        for method in (wire.PUT_MANY, wire.SESSION):
            with pytest.raises(grpc.RpcError) as refused:
                list(channel.stream_stream(method)(iter([frame]), timeout=SOON))
            assert refused.value.code() is grpc.StatusCode.INVALID_ARGUMENT
    still(rpc_port)


def test_an_oversize_frame_is_refused_and_the_server_goes_on(rpc_port: int) -> None:
    options = [("grpc.max_send_message_length", -1)]
    with grpc.insecure_channel(f"localhost:{rpc_port}", options) as channel:
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary(wire.CALL)(bytes(50_000_000), timeout=SOON)
        assert refused.value.code() is grpc.StatusCode.RESOURCE_EXHAUSTED
    still(rpc_port)


def test_an_unknown_method_is_refused(rpc_port: int) -> None:
    with grpc.insecure_channel(f"localhost:{rpc_port}") as channel:
        with pytest.raises(grpc.RpcError) as refused:
            channel.unary_unary("/sage.queue.v1.Queues/Nothing")(b"", timeout=SOON)
        assert refused.value.code() is grpc.StatusCode.UNIMPLEMENTED


def test_bytes_that_are_no_http2_do_not_disturb_the_server(rpc_port: int) -> None:
    with socket.create_connection(("127.0.0.1", rpc_port), timeout=SOON) as raw:
        raw.sendall(b"GET / HTTP/1.1\r\nHost: x\r\n\r\n" + os.urandom(1000))
        while raw.recv(4096):
            pass
    still(rpc_port)


# ---- health ----


@pytest.mark.parametrize("service", ["", "sage.queue.v1.Queues"])
def test_the_health_service_says_serving_without_a_token(
    secure_port: int, certificate: tuple[str, str], service: str
) -> None:
    credentials = grpc.ssl_channel_credentials(Path(certificate[0]).read_bytes())
    with grpc.secure_channel(f"localhost:{secure_port}", credentials) as channel:
        stub = health_pb2_grpc.HealthStub(channel)
        answer = stub.Check(health_pb2.HealthCheckRequest(service=service), timeout=SOON)
    assert answer.status == health_pb2.HealthCheckResponse.SERVING


def still(port: int) -> None:
    """Assert that the server serves."""
    made = RPCQueueDescriptor(port=port, queue_id="still there")
    made.put(1)
    assert made.get(timeout=SOON) == 1
    made.close()


# ---- what could never work ----


@pytest.mark.parametrize("seconds", [float("nan"), float("inf"), -2.0, 1e300])
def test_a_frame_with_a_time_that_no_timer_takes_is_malformed(seconds: float) -> None:
    frames = [
        (wire.Put("q", 0, "p", 0, b"m", seconds), wire.decode_request),
        (wire.Get("s", 1, seconds), wire.decode_request),
        (wire.Nack("s", 1, seconds, ""), wire.decode_request),
        (wire.PutMany("q", 0, "p", seconds), wire.decode_put_many),
    ]
    for frame, decode in frames:
        with pytest.raises(wire.MALFORMED):
            decode(wire.encode(frame))


def test_an_item_that_no_frame_takes_is_told_the_limit_of_one_item(serve: Any) -> None:
    with serve("--max-item-bytes", "1000") as server:
        made = RPCQueueDescriptor(port=server.port, queue_id="q")
        for put in (made.put, lambda item: made.put_many([item])):
            with pytest.raises(ItemTooLarge, match="larger than the 1000 bytes") as refused:
                put(bytes(5_000_000))
            assert refused.value.limit == 1000
        made.close()


@pytest.mark.parametrize("timeout", [float("nan"), "1", -1])
def test_a_timeout_that_is_no_time_is_refused(rpc_port: int, timeout: Any) -> None:
    made = RPCQueueDescriptor(port=rpc_port)
    for wait in (made.get, made.lease, lambda timeout: made.put_many([1], timeout)):
        with pytest.raises(ValueError, match="timeout must be a number of seconds from 0 up"):
            wait(timeout=timeout)
    made.delete()


@pytest.mark.parametrize("timeout", [float("inf"), 1e12])
def test_a_timeout_longer_than_a_clock_counts_waits(rpc_port: int, timeout: float) -> None:
    made = RPCQueueDescriptor(port=rpc_port, maxsize=1)
    made.qsize()
    with waiting(lambda: made.get(timeout=timeout)) as got:
        made.put_many(["first"], timeout=timeout)
        assert got.result(SOON) == "first"
    made.delete()


@pytest.mark.parametrize("text", ["", "junk", "-----BEGIN CERTIFICATE-----\nMII\n"])
def test_an_authorities_file_without_a_certificate_is_named(
    rpc_port: int, tmp_path: Path, text: str
) -> None:
    (tmp_path / "ca.pem").write_text(text)
    made = RPCQueueDescriptor(port=rpc_port, queue_id="q", tls=str(tmp_path / "ca.pem"))
    with pytest.raises(QueueUnavailable, match=r"'q' at .*ca.pem: it holds no certificate; give"):
        made.put(1)
    made.close()


def test_a_token_that_no_client_could_send_is_refused_on_both_sides(
    monkeypatch: pytest.MonkeyPatch, rpc_port: int
) -> None:
    with pytest.raises(CannotServe, match="the token must be printable ASCII"):
        RPCQueueServer(port=0, token="ключ")
    monkeypatch.setenv("SAGE_RPC_TOKEN", "two\nlines")
    with pytest.raises(ValueError, match="the token in SAGE_RPC_TOKEN must be printable ASCII"):
        RPCQueueDescriptor(port=rpc_port).put(1)
