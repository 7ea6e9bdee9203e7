"""Raw mail, byte for byte, compressed, addressed by its SHA-256. Erasable without breaking what refers to it."""

import hashlib
import os
import tempfile
import zlib
from datetime import datetime
from pathlib import Path

from sqlalchemy import LargeBinary
from sqlmodel import Field, Session, SQLModel

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.errors import NotFound
from inbox_agent.settings import RawPlace

_LEVEL = 1
"""zlib level: mail is mostly base64, where higher levels cost three times the time for two percent."""


class RawMail(SQLModel, table=True):
    """One raw mail. `size` is the uncompressed number of bytes; `content` is None when it lies in a folder or was erased."""

    __tablename__ = "raw_mail"
    sha256: str = Field(max_length=64, primary_key=True)
    size: int
    place: RawPlace = Field(sa_type=EnumText(RawPlace))
    content: bytes | None = Field(default=None, sa_type=LargeBinary)
    stored_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RawStore:
    """Keeps raw mail in the database, or in `folder` (`ab/abcdef….z`) with only the row in the database."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def put(self, session: Session, raw: bytes, now: datetime) -> str:
        """Keeps `raw`, once, and returns its address. A file is complete on disk before the row can be committed."""
        sha256 = hashlib.sha256(raw).hexdigest()
        row = session.get(RawMail, sha256)
        if row is not None and row.erased_at is None:
            return sha256
        packed = zlib.compress(raw, _LEVEL)
        place = RawPlace.DATABASE
        if self.folder is not None:
            place = RawPlace.FOLDER
            write_whole(self._path(sha256), packed)
        content = packed if place is RawPlace.DATABASE else None
        if row is None:
            session.add(RawMail(sha256=sha256, size=len(raw), place=place, content=content, stored_at=now))
        else:
            row.place, row.content, row.stored_at, row.erased_at = place, content, now, None
            session.add(row)
        session.flush()
        return sha256

    def get(self, session: Session, sha256: str) -> bytes:
        """The bytes as they came. Raises `NotFound` when they were erased or never kept."""
        row = session.get(RawMail, sha256)
        if row is None or row.erased_at is not None:
            raise NotFound("The original mail was erased and can no longer be shown.")
        if row.place is RawPlace.DATABASE and row.content is not None:
            return zlib.decompress(row.content)
        try:
            return zlib.decompress(self._path(sha256).read_bytes())
        except OSError as error:
            raise NotFound(f"The original mail is missing from the raw folder ({error.strerror}).") from error

    def erase(self, session: Session, sha256: str, now: datetime) -> None:
        """Removes the bytes; the row stays and says when."""
        row = session.get(RawMail, sha256)
        if row is None or row.erased_at is not None:
            return
        if row.place is RawPlace.FOLDER and self.folder is not None:
            self._path(sha256).unlink(missing_ok=True)
        row.content, row.erased_at = None, now
        session.add(row)

    def _path(self, sha256: str) -> Path:
        if self.folder is None:
            raise NotFound("This mail lies in a raw folder, but INBOX_AGENT_RAW_PLACE is not `folder`.")
        return self.folder / sha256[:2] / f"{sha256}.z"


def write_whole(path: Path, content: bytes) -> None:
    """Writes a file that is either not there or complete, also after a crash."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, temporary = tempfile.mkstemp(dir=path.parent)
    try:
        with os.fdopen(handle, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        os.replace(temporary, path)
    except BaseException:
        Path(temporary).unlink(missing_ok=True)
        raise
