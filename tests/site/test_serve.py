"""The server behind `make site`, as a visitor meets it."""

import gzip
import http.client
import re
import signal
import socket
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType

import pytest


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A site of three files."""
    (tmp_path / "adr").mkdir()
    (tmp_path / "index.html").write_text("<h1>Home</h1>" * 100, "utf-8")
    (tmp_path / "adr/index.html").write_text("<h1>Decisions</h1>", "utf-8")
    (tmp_path / "404.html").write_text("<h1>Lost</h1>", "utf-8")
    return tmp_path


@pytest.fixture
def port(folder: Path, server_module: ModuleType) -> Iterator[int]:
    """Where it is served."""
    server = server_module.serve(folder, 0)
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server.server_address[1]
    server.shutdown()
    thread.join()
    server.server_close()


def ask(port: int, path: str, **headers: str) -> http.client.HTTPResponse:
    """One answer."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    connection.request("GET", path, headers={k.replace("_", "-"): v for k, v in headers.items()})
    answer = connection.getresponse()
    answer.body = answer.read()
    connection.close()
    return answer


def test_page_is_compressed_for_those_who_take_it(port: int) -> None:
    plain, small = ask(port, "/"), ask(port, "/", Accept_Encoding="gzip")
    assert small.headers["Content-Encoding"] == "gzip"
    assert len(small.body) < len(plain.body) / 5
    assert gzip.decompress(small.body) == plain.body


def test_missing_page_is_404_with_the_sites_own_page(port: int) -> None:
    answer = ask(port, "/no/such/page")
    assert (answer.status, answer.body) == (404, b"<h1>Lost</h1>")


def test_folder_without_slash_is_redirected(port: int) -> None:
    answer = ask(port, "/adr")
    assert (answer.status, answer.headers["Location"]) == (301, "/adr/")


def test_file_outside_the_folder_is_not_served(port: int) -> None:
    assert ask(port, "/../../../../etc/passwd").status == 404
    assert ask(port, "/%2e%2e/%2e%2e/%2e%2e/etc/passwd").status == 404


def test_only_loopback_is_listened_on(port: int, server_module: ModuleType) -> None:
    with socket.socket() as other:
        other.bind(("127.0.0.2", port))


def test_folder_without_a_site_is_one_sentence(
    tmp_path: Path, server_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server_module.main([str(tmp_path)]) == 2
    assert capsys.readouterr().err == (f"serve: {tmp_path} holds no built site; run `make build`\n")


def test_port_that_is_taken_is_one_sentence_with_a_way_out(
    folder: Path, port: int, server_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server_module.main([str(folder), "--port", str(port)]) == 2
    assert capsys.readouterr().err == (
        f"serve: port {port} is taken; try another, as in `PORT={port + 1} make site`\n"
    )


def test_taken_port_is_told_before_there_is_a_site(
    tmp_path: Path, port: int, server_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server_module.main([str(tmp_path), "--port", str(port), "--check"]) == 2
    assert capsys.readouterr().err.startswith(f"serve: port {port} is taken; ")
    assert server_module.main([str(tmp_path), "--port", "0", "--check"]) == 0


def test_port_that_is_no_port_is_one_sentence(
    folder: Path, server_module: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert server_module.main([str(folder), "--port", "99999"]) == 2
    error = capsys.readouterr().err
    assert error.startswith("serve: port 99999 cannot be had: ")
    assert error.endswith("; try another, as in `PORT=8001 make site`\n")


def test_served_site_says_where_it_is_and_ends_on_interrupt(root: Path, folder: Path) -> None:
    command = [sys.executable, str(root / "tools/serve.py"), "--port", "0", str(folder)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as it:
        assert it.stdout is not None
        said = re.fullmatch(
            r"The site is at http://127\.0\.0\.1:(\d+)/  \(Ctrl-C ends it\)\n", it.stdout.readline()
        )
        assert said is not None
        assert ask(int(said[1]), "/").status == 200
        it.send_signal(signal.SIGINT)
        assert it.communicate(timeout=20) == ("\n", "")
        assert it.returncode == 0
