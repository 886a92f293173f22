"""`sage-kernel rpc-serve` starts with one command, and says in one sentence why it does not."""

import signal
import socket
import subprocess
import sys
from contextlib import ExitStack
from functools import partial
from pathlib import Path
from typing import Any

import pytest

import sage.kernel
from sage.kernel.cli import main
from sage.platform.queue import QueueUnavailable, RPCQueueDescriptor
from sage.platform.queue.contract import waiting

assert sage.kernel


def test_a_server_started_by_the_command_serves_two_clients(rpc_port: int) -> None:
    giver = RPCQueueDescriptor(port=rpc_port, queue_id="cli", connection_timeout=10)
    taker = RPCQueueDescriptor("127.0.0.1", rpc_port, queue_id="cli", enable_pooling=False)
    giver.put("hello")
    assert taker.get(timeout=10) == "hello"
    giver.close()
    taker.close()


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_signal_ends_it_with_exit_0(serve: Any, number: signal.Signals) -> None:
    with serve() as server:
        server.process.send_signal(number)
        assert server.process.wait(10) == 0
        assert server.process.communicate()[1] == ""


def test_help_names_every_option(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        main(["rpc-serve", "--help"])
    assert ended.value.code == 0
    shown = capsys.readouterr().out
    for option in ("--host", "--port", "--tls-cert", "--token-file", "--max-items", "--max-bytes"):
        assert option in shown
    assert shown.count("(default:") == 7
    assert "50051" in shown
    assert "None" not in shown


@pytest.mark.parametrize(
    ("options", "sentence"),
    [
        (["--host", "0.0.0.0"], "0.0.0.0 is reachable from other machines: give a TLS certificate"),
        (["--tls-cert", "x.pem"], "a certificate and its key go together"),
        (["--tls-cert", "/no.pem", "--tls-key", "/no.key"], "cannot read /no.key"),
        (["--token-file", "/dev/null"], "/dev/null is empty; write the token into it"),
        (["--token-file", "/no/token"], "token in /no/token: No such file or directory"),
        (["--token-file", "/dev"], "token in /dev: Is a directory"),
        (["--token-file", sys.executable], f"{sys.executable} holds no UTF-8 text; write a token"),
        (["--lease-seconds", "0"], "lease_seconds must be a number of seconds above 0, up to 24"),
        (["--lease-seconds", "1e300"], "lease_seconds must be a number of seconds above 0, up to"),
        (["--max-item-bytes", "2000000000"], "max_item_bytes must be a whole number from 1 to 107"),
        (["--max-items", "-1"], "max_items must be a whole number from 1 up, got -1"),
        (["--max-bytes", "9"], "max_bytes must be a whole number from 4194368 up, got 9"),
        (["--port", "70000"], "port must be a whole number from 0 to 65535, got 70000"),
    ],
)
def test_bad_options_exit_2_with_one_sentence(
    options: list[str], sentence: str, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["rpc-serve", "--port", "0", *options]) == 2
    said = capsys.readouterr().err
    assert said.startswith("sage-kernel rpc-serve: ")
    assert sentence in said
    assert said.count("\n") == 1


def test_a_taken_port_exits_2_with_one_sentence(capfd: pytest.CaptureFixture[str]) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["rpc-serve", "--host", "127.0.0.1", "--port", str(port)]) == 2
    said = f"sage-kernel rpc-serve: 127.0.0.1:{port} is taken; choose another port\n"
    assert capfd.readouterr().err == said


def test_a_port_that_one_address_of_localhost_has_taken_is_taken(
    capfd: pytest.CaptureFixture[str],
) -> None:
    with socket.socket() as taken:  # gRPC would be content with the other address, ::1
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        assert main(["rpc-serve", "--port", str(port)]) == 2
    assert f"127.0.0.1:{port} is taken; choose another port" in capfd.readouterr().err


def test_no_server_is_a_clear_error_within_the_connection_timeout() -> None:
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        port = unused.getsockname()[1]
        lonely = RPCQueueDescriptor("127.0.0.1", port, connection_timeout=0.5, queue_id="jobs")
        with pytest.raises(QueueUnavailable, match=r"'jobs' at 127.*is a server there"):
            lonely.put(1)
    assert lonely.get_connection_status()["connected"] is False
    lonely.close()


def test_the_token_file_is_used(serve: Any, tmp_path: Path) -> None:
    (tmp_path / "token").write_text("open sesame\n")
    with serve("--token-file", str(tmp_path / "token")) as server:
        right = RPCQueueDescriptor(port=server.port, token="open sesame", queue_id="q")
        wrong = RPCQueueDescriptor(port=server.port, token="open", queue_id="q")
        right.put(1)
        with pytest.raises(QueueUnavailable, match="the token is missing or wrong"):
            wrong.get(timeout=1)
        right.close()
        wrong.close()


def test_the_command_is_installed() -> None:
    done = subprocess.run(
        [Path(__import__("sys").executable).with_name("sage-kernel"), "--help"],
        capture_output=True,
        text=True,
        check=True,
    )
    assert "rpc-serve" in done.stdout


def test_sigterm_prints_nothing_whoever_is_in_a_call(serve: Any) -> None:
    for _ in range(3):
        with serve() as server, ExitStack() as all_wait:
            options: dict[str, Any] = {"port": server.port, "retry_count": 0}
            lender, full = (RPCQueueDescriptor(queue_id=q, maxsize=1, **options) for q in "ab")
            lender.put(1)
            lender.lease()
            full.put(1)
            calls: list[Any] = [
                *(RPCQueueDescriptor(queue_id="c", **options).get for _ in range(3)),
                partial(full.put_many, [2, 3]),
            ]
            ended = [all_wait.enter_context(waiting(call)) for call in calls]
            server.process.send_signal(signal.SIGTERM)
            assert [type(each.exception(20)) for each in ended] == [QueueUnavailable] * 4
            assert server.process.communicate(timeout=20)[1] == ""
            assert server.process.returncode == 0
            lender.close()
            full.close()
