"""The language that a mail is answered in."""

import pytest

from inbox_agent.domain.taxonomy import Language
from inbox_agent.domain.text import MailText


@pytest.mark.parametrize(
    ("is_clear", "usual", "answered_in"),
    [(True, Language.FR, Language.NL), (False, Language.FR, Language.FR), (False, None, Language.NL)],
)
def test_the_mailbox_decides_only_where_the_mail_does_not(is_clear, usual, answered_in):
    text = MailText("26700001", (), Language.NL, is_clear).in_language(usual)
    assert (text.language, text.source) == (answered_in, "26700001")
