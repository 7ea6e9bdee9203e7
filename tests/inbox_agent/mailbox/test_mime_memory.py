"""A 25 MB mail is read within three times its size, the raw bytes included; measured as a process's peak.

VmHWM and not ru_maxrss: that one starts at the size of the process that started it, here pytest.
"""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
SIZE = 25 * 1024 * 1024

MEASURE = """
import sys
from datetime import UTC, datetime
from pathlib import Path
from inbox_agent.mailbox.mime import parse
now = datetime(2026, 3, 3, tzinfo=UTC)
parse(b"Content-Type: text/html\\n\\n<p>warm</p>", received_at=now)
def peak():
    line = next(line for line in Path("/proc/self/status").read_text().splitlines() if line.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
before = peak()
raw = Path(sys.argv[1]).read_bytes()
parse(raw, received_at=now)
print((peak() - before) / len(raw))
"""

BASE64_LINE = b"JVBERi0xLjQKJcOkw7zDtsOfCjIgMCBvYmoKPDwvTGVuZ3RoIDMgMCBSL0ZpbHRlci9GbGF0ZURl\r\n"
SHAPES = {
    "attachment": (
        b"Content-Type: application/pdf; name=a.pdf\r\nContent-Transfer-Encoding: base64\r\n\r\n",
        BASE64_LINE,
    ),
    "text": (b"Content-Type: text/plain; charset=utf-8\r\n\r\n", "Regel met € en 😀\r\n".encode()),
    "html": (
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: 8bit\r\n\r\n",
        "<p>Met <b>€</b> 😀</p>\r\n".encode(),
    ),
    "html-qp": (
        b"Content-Type: text/html\r\nContent-Transfer-Encoding: quoted-printable\r\n\r\n",
        b"<p>=E2=82=AC</p>\r\n",
    ),
    "parts": (b"Content-Type: multipart/mixed; boundary=x\r\n\r\n", b"--x\r\n\r\n" + b"tekst\r\n" * 100),
    "headers": (b"Subject: x\r\n", b"X-A: bcdefgh\r\n"),
    "forwarded": (b"Content-Type: message/rfc822\r\n\r\nSubject: x\r\n\r\n", b"regel\r\n"),
}


@pytest.mark.skipif(not Path("/proc/self/status").exists(), reason="the peak is read from /proc")
@pytest.mark.parametrize("shape", SHAPES)
def test_peak_memory(shape: str, tmp_path: Path) -> None:
    head, piece = SHAPES[shape]
    path = tmp_path / "groot.eml"
    path.write_bytes(b"From: a@b.example\r\n" + head + piece * (SIZE // len(piece)))
    done = subprocess.run(
        [sys.executable, "-c", MEASURE, str(path)], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert 1 <= float(done.stdout) < 3
