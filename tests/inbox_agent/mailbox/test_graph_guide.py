"""`docs/microsoft365.md` says what is so: its messages, options and settings exist."""

import re
from pathlib import Path

from typer.main import get_command

from inbox_agent.commands.mailbox import app
from inbox_agent.settings import Settings

ROOT = Path(__file__).parents[3]
GUIDE = (ROOT / "docs" / "microsoft365.md").read_text("utf-8")


def test_every_message_of_the_table_is_one_that_a_person_can_get():
    code = "".join(path.read_text("utf-8") for path in sorted((ROOT / "inbox_agent" / "mailbox").glob("graph*.py")))
    said = re.sub(r"\{[^{}]*\}", "…", re.sub(r'"\s*f?"', "", code))
    quoted = re.findall(r"^\| \*(.+?)\* \|", GUIDE, re.MULTILINE)
    assert len(quoted) >= 9
    for message in quoted:
        for part in message.split("…"):
            assert part.strip() in said, message


def test_every_option_and_command_exists():
    commands = get_command(app).commands
    for used in re.findall(r"inbox-agent mailbox ([a-z-]+)", GUIDE):
        assert used in commands
    known = {option for command in commands.values() for one in command.params for option in one.opts}
    blocks = [block for block in re.findall(r"```sh\n(.*?)```", GUIDE, re.DOTALL) if "inbox-agent mailbox" in block]
    assert len(blocks) == 4
    for option in re.findall(r"(--[a-z-]+)", " ".join(blocks)):
        assert option in known


def test_every_setting_exists():
    for name in re.findall(r"INBOX_AGENT_([A-Z_]+)", GUIDE):
        assert name.lower() in Settings.model_fields
