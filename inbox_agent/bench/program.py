"""`inbox-agent` in processes of its own, which share one import: a server forks one for each command. For tests and benches.

Importing the program takes two seconds, a command a tenth of that. `tests/functional/test_program.py` holds it to what a
user's shell starts.
"""

import multiprocessing
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Mapping
from multiprocessing.context import ForkServerProcess
from pathlib import Path

_FORKS = multiprocessing.get_context("forkserver")
_IMPORTED = (
    "inbox_agent.cli",
    "spacy",
    "onnxruntime",
    "classifiers.fine_tuned",
    "uvicorn",
    "web.app",
    "inbox_agent.bench.program",
)


class Program:
    """A running command, as `subprocess.Popen` shows one. Its output goes to `out` and `err`, else to the test's."""

    def __init__(
        self, environment: Mapping[str, str], *arguments: str, out: Path | None = None, err: Path | None = None
    ) -> None:
        self.arguments = arguments
        _FORKS.set_forkserver_preload(list(_IMPORTED))
        self._process: ForkServerProcess = _FORKS.Process(
            target=_become, args=(arguments, dict(environment), os.getcwd(), out, err)
        )
        self._process.start()
        assert self._process.pid is not None
        self.pid = self._process.pid

    def poll(self) -> int | None:
        """Its exit code; negative: the signal that ended it; None: it runs."""
        return self._process.exitcode

    def wait(self, timeout: float | None = None) -> int:
        """Waits for its end. Raises `subprocess.TimeoutExpired`."""
        self._process.join(timeout)
        code = self.poll()
        if code is None:
            raise subprocess.TimeoutExpired(self.arguments, timeout or 0)
        return code

    def send_signal(self, number: signal.Signals) -> None:
        """Sends a signal, unless it ended."""
        if self.poll() is None:
            os.kill(self.pid, number)

    def terminate(self) -> None:
        """Asks it to end."""
        self.send_signal(signal.SIGTERM)

    def kill(self) -> None:
        """Ends it."""
        self.send_signal(signal.SIGKILL)


def call(
    environment: Mapping[str, str], *arguments: object, timeout: float = 120
) -> "subprocess.CompletedProcess[str]":
    """Runs a command to its end; what it printed, and its exit code."""
    with tempfile.TemporaryDirectory(prefix="inbox-agent-call-") as folder:
        out, err = Path(folder, "out"), Path(folder, "err")
        program = Program(environment, *map(str, arguments), out=out, err=err)
        try:
            code = program.wait(timeout)
        except subprocess.TimeoutExpired:
            program.kill()
            program.wait()
            raise
        return subprocess.CompletedProcess(program.arguments, code, out.read_text("utf-8"), err.read_text("utf-8"))


def _become(
    arguments: tuple[str, ...], environment: dict[str, str], folder: str, out: Path | None, err: Path | None
) -> None:
    os.environ.clear()
    os.environ.update(environment)
    os.chdir(folder)
    for path, descriptor in ((out, 1), (err, 2)):
        if path is not None:
            opened = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
            os.dup2(opened, descriptor)
            os.close(opened)
    from inbox_agent.cli import main

    sys.argv = ["inbox-agent", *arguments]
    main()
