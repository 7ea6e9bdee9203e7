"""Names of files that go out, in a table."""

import pytest

from inbox_agent.review.files import safe_name


@pytest.mark.parametrize(
    ("given", "name"),
    [
        ("Factuur 20261001.pdf", "Factuur 20261001.pdf"),
        ("C:\\Users\\sanne\\kopie.pdf", "kopie.pdf"),
        ("../../etc/passwd", "passwd"),
        ("a\r\nBcc: x@y.txt", "a Bcc x@y.txt"),
        ("fdp.\u202eexe.pdf", "fdp. exe.pdf"),
        ("...", "file"),
        ("", "file"),
        ("x" * 300 + ".pdf", "x" * 146 + ".pdf"),
        ("\ud800.txt", "txt"),
    ],
)
def test_a_name_harms_nobody(given: str, name: str) -> None:
    assert safe_name(given) == name
