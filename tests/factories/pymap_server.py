"""A private pymap on this machine: an IMAP server that is not Dovecot. No QRESYNC, no SPECIAL-USE, and it drops keywords."""

import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

USER, PASSWORD = "debiteuren", "geheim"
_READY_WITHIN = 20.0
_PROGRAM = """
from functools import partial
from pysasl.hashing import BuiltinHash
import pymap.config
pymap.config.BuiltinHash = partial(BuiltinHash, rounds=1)
from pymap.main import main
main()
"""
"""Its half a million rounds of hashing cost a fifth of a second at every sign-in."""


@dataclass(frozen=True)
class Pymap:
    """A running server with one account, its mail in memory."""

    host: str
    port: int


@contextmanager
def pymap() -> Iterator[Pymap]:
    """Ends with the block."""
    with socket.create_server(("127.0.0.1", 0)) as free:
        port = free.getsockname()[1]
    options = ["--host", "127.0.0.1", "--port", str(port), "--no-tls"]
    account = ["dict", "--demo-user", USER, "--demo-password", PASSWORD]
    process = subprocess.Popen(
        [sys.executable, "-c", _PROGRAM, *options, *account],
        stdin=subprocess.DEVNULL,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        _answers(process, port)
        yield Pymap("127.0.0.1", port)
    finally:
        process.kill()
        process.wait()


def _answers(process: "subprocess.Popen[bytes]", port: int) -> None:
    deadline = time.monotonic() + _READY_WITHIN
    while time.monotonic() < deadline and process.poll() is None:
        try:
            with socket.create_connection(("127.0.0.1", port), timeout=5) as connection:
                if connection.recv(64).startswith(b"* OK"):
                    return
        except OSError:
            time.sleep(0.05)
    raise RuntimeError("pymap did not start")
