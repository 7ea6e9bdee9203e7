"""`inbox-agent`: one command for everything that is not a page. Errors are one sentence; exit code 2."""

import os
import sys
from pathlib import Path
from typing import Annotated

import typer

from inbox_agent.commands import (
    bench,
    customer,
    database,
    demo,
    evaluate,
    labels,
    ledger,
    mailbox,
    models,
    people,
    retrain,
    run,
    triage,
)
from inbox_agent.domain.errors import InboxAgentError, LedgerError
from inbox_agent.log import described

app = typer.Typer(
    name="inbox-agent",
    no_args_is_help=True,
    add_completion=False,
    rich_markup_mode=None,
    pretty_exceptions_enable=False,
    help="An AI assistant that lives in a shared accounts-receivable inbox. "
    "Settings come from INBOX_AGENT_* environment variables or inbox-agent.toml; the README lists them.",
)


@app.callback()
def options(
    config: Annotated[Path | None, typer.Option(help="TOML file with settings.", show_default=False)] = None,
    data_dir: Annotated[Path | None, typer.Option(help="Folder of the embedded database.", show_default=False)] = None,
) -> None:
    """Options for all commands become settings of this process and of those that it starts."""
    if config is not None:
        os.environ["INBOX_AGENT_CONFIG"] = str(config)
    if data_dir is not None:
        os.environ["INBOX_AGENT_DATA_DIR"] = str(data_dir)


app.command(short_help="The review queue with a sample mailbox and ledger.")(demo.demo)
app.command(short_help="Print what the machine reads in .eml or .jsonl files.")(triage.triage)
app.command(short_help="Measure how well labelled mail is read.")(evaluate.evaluate)
app.command(short_help="Train a new model on the corpus and on what controllers changed.")(retrain.retrain)
app.command(short_help="Take in mail, read it, deliver approved replies.")(run.worker)
app.command(short_help="Serve the review queue.")(run.serve)
app.add_typer(database.app, name="database")
app.add_typer(mailbox.app, name="mailbox")
app.add_typer(ledger.app, name="ledger")
app.add_typer(people.app, name="controller")
app.add_typer(models.app, name="models")
app.add_typer(labels.app, name="labels")
app.add_typer(customer.app, name="customer")
app.add_typer(bench.app, name="bench")


def main() -> None:
    """The console script. Exit codes: 0 done, 1 something was found wrong by a check, 2 it could not be done."""
    try:
        app()
    except InboxAgentError as error:
        print(f"inbox-agent: {error.sentence}", file=sys.stderr)
        if isinstance(error, LedgerError):
            for refusal in getattr(error, "refusals", ()):
                print(f"  {refusal}", file=sys.stderr)
        sys.exit(error.exit_code)
    except KeyboardInterrupt:
        sys.exit(130)
    except OSError as error:
        named = f"{error.filename}: " if error.filename else ""
        print(
            f"inbox-agent: {named}{error.strerror or type(error).__name__}. Correct that and try again.",
            file=sys.stderr,
        )
        sys.exit(2)
    except Exception as error:  # a fault of ours: said without its message, which may quote a mail
        print("inbox-agent: This failed through a fault of the program. Please report these lines:", file=sys.stderr)
        print("\n".join(f"  {line}" for line in described(error)), file=sys.stderr)
        sys.exit(2)


if __name__ == "__main__":
    main()
