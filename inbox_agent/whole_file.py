"""Files that are complete or not there, also after a crash or a full disk. Standard library only."""

import os
import secrets
from collections.abc import Iterable
from pathlib import Path


def write_whole(path: Path, content: Iterable[bytes], mode: int = 0o666) -> None:
    """Writes `content` to `path`, replacing it in one step once all of it is on disk. Makes the folder. Raises `OSError`.

    `mode` are the permissions from the first byte on, less the process's umask: 0o600 for what only its owner may read.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(f".{path.stem}-{secrets.token_hex(4)}")
    try:
        with os.fdopen(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, mode), "wb") as file:
            file.writelines(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
