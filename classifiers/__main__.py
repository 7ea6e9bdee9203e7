"""`python -m classifiers`: what one does with the corpus and the models in a checkout. One row a subcommand."""

import sys
from collections.abc import Sequence
from importlib import import_module

from inbox_agent.domain.errors import InboxAgentError

COMMANDS: dict[str, tuple[str, str]] = {
    "check": ("classifiers.validation.command", "check labelled mail against every rule of the guide"),
    "blind": ("classifiers.agreement.blind", "write a share of the corpus without its labels, to be labelled again"),
    "card": ("classifiers.card", "print a model's card"),
    "compare": ("classifiers.compare", "train each settings file of a folder and compare them on dev"),
    "train": ("classifiers.train_command", "train a model on the corpus"),
    "agreement": ("classifiers.agreement.command", "compare mail labelled again with the corpus"),
}
"""Subcommand -> the module whose `main(arguments) -> exit code` runs it, and what it does. Imported only when it is called."""


def main(arguments: Sequence[str]) -> int:
    """Runs a subcommand. Exit codes: 0 done, 1 something was found wrong, 2 it could not be done."""
    if not arguments or arguments[0] not in COMMANDS:
        print("python -m classifiers COMMAND …", file=sys.stderr)
        for name, (_, purpose) in COMMANDS.items():
            print(f"  {name:<10} {purpose}", file=sys.stderr)
        return 0 if arguments and arguments[0] in ("-h", "--help") else 2
    module, _ = COMMANDS[arguments[0]]
    try:
        code: int = import_module(module).main(arguments[1:])
    except InboxAgentError as error:
        print(f"classifiers: {error.sentence}", file=sys.stderr)
        return error.exit_code
    return code


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
