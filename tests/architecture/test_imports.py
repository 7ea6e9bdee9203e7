"""Who may import whom: the contracts in pyproject.toml hold; and the two roles load only what is theirs."""

import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).parents[2]


def test_import_contracts_hold() -> None:
    done = subprocess.run(
        [str(Path(sys.executable).parent / "lint-imports"), "--no-cache"], cwd=ROOT, capture_output=True, text=True
    )
    assert done.returncode == 0, done.stdout


def test_the_pages_load_no_model_and_no_mailbox() -> None:
    code = (
        "import sys, web.app;"
        "loaded = {name.split('.')[0] for name in sys.modules} | {'.'.join(name.split('.')[:2]) for name in sys.modules};"
        "print(sorted(loaded & {'torch', 'spacy', 'transformers', 'imapclient', 'classifiers', 'extractors',"
        " 'inbox_agent.mailbox', 'inbox_agent.pipeline'}))"
    )
    done = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
