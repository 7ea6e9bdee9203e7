"""Raw mail, byte for byte, compressed, addressed by its SHA-256. Erasable without breaking what refers to it.

Compressed and written piece by piece: a 25 MB mail never stands in memory a second time.
"""

import hashlib
import zlib
from collections.abc import Iterator
from datetime import datetime
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy import LargeBinary
from sqlmodel import Field, Session, SQLModel, col, select

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.errors import NotFound
from inbox_agent.settings import RawPlace
from inbox_agent.whole_file import write_whole

_LEVEL = 1
"""zlib level: mail is mostly base64, where higher levels cost three times the time for two percent."""

_PIECE = 1 << 20
"""Bytes of raw mail that are compressed and written at a time."""


class RawMail(SQLModel, table=True):
    """One raw mail. `size` is the uncompressed number of bytes; its bytes lie in `RawPiece` rows or in a folder."""

    __tablename__ = "raw_mail"
    sha256: str = Field(max_length=64, primary_key=True)
    size: int
    place: RawPlace = Field(sa_type=EnumText(RawPlace))
    stored_at: datetime = Field(sa_type=UtcDateTime)
    erased_at: datetime | None = Field(default=None, sa_type=UtcDateTime)


class RawPiece(SQLModel, table=True):
    """A piece of a raw mail's compressed bytes, in order of `position`."""

    __tablename__ = "raw_piece"
    sha256: str = Field(max_length=64, primary_key=True, foreign_key="raw_mail.sha256")
    position: int = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)


class RawStore:
    """Keeps raw mail in the database, or in `folder` (`ab/abcdef….z`) with only the row in the database."""

    def __init__(self, folder: Path | None = None) -> None:
        self.folder = folder

    def put(self, session: Session, raw: bytes, now: datetime) -> str:
        """Keeps `raw`, once, and returns its address. A file is complete on disk before the row can be committed."""
        sha256 = hashlib.sha256(raw).hexdigest()
        # Locked, so that an erasure that runs meanwhile sees who else has these bytes, or this sees that they are gone.
        row = session.get(RawMail, sha256, with_for_update={"key_share": True}, populate_existing=True)
        if row is not None and row.erased_at is None:
            return sha256
        place = RawPlace.DATABASE if self.folder is None else RawPlace.FOLDER
        row = row or RawMail(sha256=sha256, size=len(raw), place=place, stored_at=now)
        row.place, row.stored_at, row.erased_at = place, now, None
        session.add(row)
        session.flush()
        if self.folder is not None:
            write_whole(self._path(sha256), _packed(raw))
            return sha256
        for position, content in enumerate(_packed(raw)):
            piece = {"sha256": sha256, "position": position, "content": content}
            session.execute(sa.insert(RawPiece), [piece])
        return sha256

    def get(self, session: Session, sha256: str) -> bytes:
        """The bytes as they came. Raises `NotFound` when they were erased or never kept."""
        row = session.get(RawMail, sha256)
        if row is None or row.erased_at is not None:
            raise NotFound("The original mail was erased and can no longer be shown.")
        if row.place is RawPlace.DATABASE:
            pieces = select(RawPiece.content).where(RawPiece.sha256 == sha256).order_by(col(RawPiece.position))
            unpack = zlib.decompressobj()
            return b"".join(unpack.decompress(piece) for piece in session.exec(pieces)) + unpack.flush()
        try:
            return zlib.decompress(self._path(sha256).read_bytes())
        except OSError as error:
            raise NotFound(f"The original mail is missing from the raw folder ({error.strerror}).") from error

    def erase(self, session: Session, sha256: str, now: datetime) -> None:
        """Removes the bytes; the row stays and says when."""
        row = session.get(RawMail, sha256)
        if row is None or row.erased_at is not None:
            return
        if row.place is RawPlace.FOLDER:
            self._path(sha256).unlink(missing_ok=True)
        session.execute(sa.delete(RawPiece).where(col(RawPiece.sha256) == sha256))
        row.erased_at = now
        session.add(row)

    def _path(self, sha256: str) -> Path:
        if self.folder is None:
            raise NotFound("This mail lies in a raw folder, but INBOX_AGENT_RAW_PLACE is not `folder`.")
        return self.folder / sha256[:2] / f"{sha256}.z"


def _packed(raw: bytes) -> Iterator[bytes]:
    """The zlib stream of `raw`, in pieces of about a megabyte."""
    pack = zlib.compressobj(_LEVEL)
    kept: list[bytes] = []
    for start in range(0, len(raw), _PIECE):
        kept.append(pack.compress(raw[start : start + _PIECE]))
        if sum(map(len, kept)) >= _PIECE:
            yield b"".join(kept)
            kept = []
    kept.append(pack.flush())
    yield b"".join(kept)
