"""How much of a core a worker takes that has nothing to do: the demo's mailbox, all of it read."""

import os
import time
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

from inbox_agent.commands import demo
from inbox_agent.domain.errors import InboxAgentError

_SETTLED = 15.0
"""Seconds after the last mail was read, for what a worker does once."""


def run(seconds: float, poll_seconds: float) -> Iterator[str]:
    """Yields the lines of the report. Linux: processor time is read from /proc.

    Raises `InboxAgentError` when the worker stops or does not read the sample mailbox.
    """
    with TemporaryDirectory(prefix="inbox-agent-idle-") as name:
        settings = demo.settings_of(Path(name), False, None)
        os.environ["INBOX_AGENT_POLL_SECONDS"] = str(poll_seconds)
        os.environ["INBOX_AGENT_CLASSIFIER"] = "phrases"  # which one reads is no matter while nothing is read
        engine, mailbox_folder = demo.prepare(settings)
        with demo.worker_beside() as worker:
            demo.wait_until_read(engine, mailbox_folder)
            time.sleep(_SETTLED)
            before, began = _ticks(worker.pid), time.monotonic()
            time.sleep(seconds)
            used, passed = _ticks(worker.pid) - before, time.monotonic() - began
            threads = len(list(Path(f"/proc/{worker.pid}/task").iterdir()))
        engine.dispose()
    share = used / os.sysconf("SC_CLK_TCK") / passed
    yield f"idle worker  {share:.2%} of one core over {passed:.0f} s, {threads} threads, polls every {poll_seconds:g} s"


def _ticks(pid: int) -> int:
    """Clock ticks of processor time, user and system (proc(5): fields 14 and 15 of stat)."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError as error:
        raise InboxAgentError("The worker stopped; its message stands above.") from error
    return int(fields[11]) + int(fields[12])
