"""What the other functional tests start is what a user starts: the same words, the same exit codes, the same signals."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from inbox_agent.bench.program import Program, call


@pytest.mark.parametrize("arguments", [("--help",), ("no-such-command",), ("database", "check")])
def test_a_forked_command_says_what_a_started_one_says(arguments: tuple[str, ...], tmp_path: Path) -> None:
    environment = {**os.environ, "INBOX_AGENT_DATA_DIR": str(tmp_path)}
    command = [sys.executable, "-m", "inbox_agent", *arguments]
    started = subprocess.run(command, env=environment, capture_output=True, text=True, timeout=120)
    forked = call(environment, *arguments)
    # Usage lines name the program as it was called.
    words = [text.replace("python -m inbox_agent", "inbox-agent") for text in (started.stdout, started.stderr)]
    assert (started.returncode, *words) == (forked.returncode, forked.stdout, forked.stderr)


def test_how_it_ended_is_told(tmp_path: Path) -> None:
    program = Program(dict(os.environ), "triage", "/dev/full-of-nothing", out=tmp_path / "out", err=tmp_path / "err")
    program.kill()
    assert program.wait(timeout=30) == -9
    assert program.poll() == -9
