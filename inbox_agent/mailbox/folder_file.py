"""One `.eml` file of a folder: which files are mails, when one arrived, and its bytes, unless it changes meanwhile."""

import hashlib
import os
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

_CHUNK = 1024 * 1024
_HEADERS_AT_MOST = 256 * 1024

Version = tuple[int, int, int, int]
"""Another one: another content. Inode, size, time of change of the content and of the file (nanoseconds)."""


@dataclass(frozen=True, slots=True)
class MailFile:
    """A file as listed. Times are nanoseconds since 1970."""

    name: str
    version: Version
    size: int
    modified_ns: int
    changed_ns: int

    @property
    def shown(self) -> str:
        """Names need not be UTF-8; what is stored and shown must be."""
        return self.name.encode("utf-8", "replace").decode("utf-8")

    @property
    def arrived_at(self) -> datetime:
        """The older of its times, UTC: a copy keeps that of the content, and that may be set to the future."""
        return datetime.fromtimestamp(min(self.modified_ns, self.changed_ns) / 1e9, UTC)


@dataclass(frozen=True, slots=True)
class Content:
    """What was read: `raw` and `problem` as in `source.Fetched`. `mark` tells contents of one name apart."""

    raw: bytes
    mark: str
    problem: str = ""


def list_files(folder: Path) -> list[MailFile]:
    """The mails in a folder, in no order. Raises `OSError`."""
    with os.scandir(folder) as entries:
        found = [_file(entry) for entry in entries if _is_mail_name(entry.name)]
    return [file for file in found if file is not None]


def read_file(folder: Path, file: MailFile, max_bytes: int) -> Content | None:
    """Its content, or what is wrong with it; None when it changed since it was listed, or is gone."""
    problem, digest, raw = "", hashlib.sha256(), b""
    try:
        with (folder / file.name).open("rb") as opened:
            if file.size <= max_bytes:
                raw = opened.read(file.size + 1)
                digest.update(raw)
            else:
                problem = _too_large(file.size, max_bytes)
                raw = header_part(opened.read(_HEADERS_AT_MOST))
                opened.seek(0)
                while chunk := opened.read(_CHUNK):
                    digest.update(chunk)
            if _version(os.fstat(opened.fileno())) != file.version:
                return None
    except FileNotFoundError:
        return None
    except OSError as error:
        problem = f"The file {file.shown} in {folder} cannot be read ({error.strerror}). Give the worker's account read permission."
        return Content(b"", f"unreadable-{file.modified_ns:x}", problem)
    return Content(raw, digest.hexdigest()[:16], problem)


def header_part(raw: bytes) -> bytes:
    """The bytes up to and with the empty line, a quarter of a megabyte at most."""
    start = raw[:_HEADERS_AT_MOST]
    ends = [at + len(mark) for mark in (b"\r\n\r\n", b"\n\n") if (at := start.find(mark)) >= 0]
    return start[: min(ends)] if ends else start


def _is_mail_name(name: str) -> bool:
    return name.lower().endswith(".eml") and not name.startswith((".", "~", "#"))


def _file(entry: os.DirEntry[str]) -> MailFile | None:
    """None for what is no plain file, or went away meanwhile. Links are not followed: they may lead out of the folder."""
    try:
        if not entry.is_file(follow_symlinks=False):
            return None
        status = entry.stat(follow_symlinks=False)
    except FileNotFoundError:
        return None
    return MailFile(entry.name, _version(status), status.st_size, status.st_mtime_ns, status.st_ctime_ns)


def _version(status: os.stat_result) -> Version:
    return status.st_ino, status.st_size, status.st_mtime_ns, status.st_ctime_ns


def _too_large(size: int, most: int) -> str:
    mebi = 1024 * 1024
    return f"This mail is {-(-size // mebi)} MB; mails over {-(-most // mebi)} MB are not read. Open it in the mail program."
