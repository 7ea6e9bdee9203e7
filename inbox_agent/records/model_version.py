"""Model versions: files of trained classifiers, kept in the database so that every worker gets the same bytes, and who
put which one in force when.

A model's bytes lie in pieces, as raw mail does, but uncompressed: weights do not shrink. They hold no mail and no address.
"""

import hashlib
import re
from collections.abc import Iterator
from datetime import datetime
from enum import StrEnum
from pathlib import Path
from typing import Any

import sqlalchemy as sa
from sqlalchemy import JSON, LargeBinary, Text
from sqlmodel import Field, Session, SQLModel, col, select

from inbox_agent.db import EnumText, UtcDateTime
from inbox_agent.domain.errors import Conflict, ModelError, NotFound

_PIECE = 1 << 20
"""Bytes of a model that are read and written at a time."""

_NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._-]{0,99}")
"""What a version may be called: it becomes a file's name."""


class ModelOrigin(StrEnum):
    """Where a model comes from."""

    SHIPPED = "shipped"
    RETRAINED = "retrained"


class ModelVersion(SQLModel, table=True):
    """One model file. `card` is the file's own account of itself; `evaluation` what was measured when it was registered.

    `evaluation` has `test` and perhaps `edits`, each {count, micro, macro, exact}, and `corpus` and `edits_learnt`: how many
    mails of each it learnt from.
    """

    __tablename__ = "model_version"
    id: int | None = Field(default=None, primary_key=True)
    version: str = Field(max_length=100, unique=True)
    sha256: str = Field(max_length=64)
    size: int
    origin: ModelOrigin = Field(sa_type=EnumText(ModelOrigin))
    card: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    evaluation: dict[str, Any] = Field(default_factory=dict, sa_type=JSON)
    note: str = Field(default="", sa_type=Text)
    created_at: datetime = Field(sa_type=UtcDateTime)


class ModelPiece(SQLModel, table=True):
    """A piece of a model's bytes, in order of `position`."""

    __tablename__ = "model_piece"
    model_id: int = Field(primary_key=True, foreign_key="model_version.id")
    position: int = Field(primary_key=True)
    content: bytes = Field(sa_type=LargeBinary)


class ModelPromotion(SQLModel, table=True):
    """A model was put in force; the newest row holds. Never changed afterwards.

    `model_id` None: the one that the setting `classifier` names. `before_id` is the promotion that a rollback returns to
    (None: to that setting). A rollback is a row too.
    """

    __tablename__ = "model_promotion"
    id: int | None = Field(default=None, primary_key=True)
    model_id: int | None = Field(default=None, foreign_key="model_version.id")
    before_id: int | None = Field(default=None, foreign_key="model_promotion.id")
    is_rollback: bool = False
    promoted_by: str = Field(max_length=200)
    promoted_at: datetime = Field(sa_type=UtcDateTime)


def register(
    session: Session,
    path: Path,
    version: str,
    origin: ModelOrigin,
    card: dict[str, Any],
    now: datetime,
    *,
    evaluation: dict[str, Any] | None = None,
    note: str = "",
) -> ModelVersion:
    """Keeps the model file as a version, not in force. The same file again is the version that it was.

    Raises `ModelError` when another file has that name, or the name cannot be a file's; `OSError` when it cannot be read.
    """
    if not _NAME.fullmatch(version):
        raise ModelError(f"{version!r} cannot be the name of a model. Use letters, digits, dots and dashes.")
    with path.open("rb") as file:
        sha256 = hashlib.file_digest(file, "sha256").hexdigest()
    known = session.exec(select(ModelVersion).where(ModelVersion.version == version)).first()
    if known is not None:
        if known.sha256 != sha256:
            raise ModelError(f"There is another model {version} already. Train again with another seed.")
        return known
    row = ModelVersion(
        version=version,
        sha256=sha256,
        size=path.stat().st_size,
        origin=origin,
        card=card,
        evaluation=evaluation or {},
        note=note,
        created_at=now,
    )
    session.add(row)
    session.flush()
    with path.open("rb") as file:
        for position, content in enumerate(iter(lambda: file.read(_PIECE), b"")):
            piece = {"model_id": row.id, "position": position, "content": content}
            session.execute(sa.insert(ModelPiece), [piece])
    return row


def pieces(session: Session, model_id: int) -> Iterator[bytes]:
    """The model's bytes, a piece at a time."""
    position = 0
    while True:
        wanted = select(ModelPiece.content).where(ModelPiece.model_id == model_id, ModelPiece.position == position)
        content = session.exec(wanted).first()
        if content is None:
            return
        yield content
        position += 1


def versions(session: Session) -> list[ModelVersion]:
    """Every version, oldest first."""
    return list(session.exec(select(ModelVersion).order_by(col(ModelVersion.id))))


def version_named(session: Session, version: str) -> ModelVersion:
    """The version of that name. Raises `NotFound` that lists those that there are."""
    found = session.exec(select(ModelVersion).where(ModelVersion.version == version)).first()
    if found is None:
        names = ", ".join(row.version for row in versions(session))
        there_are = f"There are: {names}." if names else "There are none yet; make one with: inbox-agent retrain"
        raise NotFound(f"There is no model {version}. {there_are}")
    return found


def newest_promotion(session: Session) -> ModelPromotion | None:
    """What was last decided; None: nothing was ever promoted."""
    return session.exec(select(ModelPromotion).order_by(col(ModelPromotion.id).desc()).limit(1)).first()


def promotions(session: Session) -> list[tuple[ModelPromotion, str]]:
    """Every promotion and rollback with the version it put in force ("": the setting's), newest first."""
    wanted = (
        sa.select(ModelPromotion, col(ModelVersion.version))
        .outerjoin(ModelVersion, col(ModelVersion.id) == ModelPromotion.model_id)
        .order_by(col(ModelPromotion.id).desc())
    )
    return [(promotion, version or "") for promotion, version in session.execute(wanted)]


def promote(session: Session, version: str, who: str, now: datetime) -> ModelVersion:
    """Puts a version in force. Raises `NotFound`; `Conflict` when it is in force already."""
    _one_at_a_time(session)
    row = version_named(session, version)
    newest = newest_promotion(session)
    if newest is not None and newest.model_id == row.id:
        raise Conflict(f"The model {version} is in force already.")
    before_id = newest.id if newest else None
    session.add(ModelPromotion(model_id=row.id, before_id=before_id, promoted_by=who[:200], promoted_at=now))
    session.flush()
    return row


def rollback(session: Session, who: str, now: datetime) -> ModelVersion | None:
    """Puts in force what was before, and before that the next time; returns it, None: what the setting names.

    Raises `Conflict` when there is nothing to roll back.
    """
    _one_at_a_time(session)
    newest = newest_promotion(session)
    if newest is None or newest.model_id is None:
        raise Conflict(
            "There is nothing to roll back: no model is promoted, and the setting `classifier` says what reads."
        )
    before = session.get(ModelPromotion, newest.before_id) if newest.before_id is not None else None
    row = ModelPromotion(
        model_id=before.model_id if before else None,
        before_id=before.before_id if before else None,
        is_rollback=True,
        promoted_by=who[:200],
        promoted_at=now,
    )
    session.add(row)
    session.flush()
    return session.get_one(ModelVersion, row.model_id) if row.model_id is not None else None


def _one_at_a_time(session: Session) -> None:
    """Of two who promote, the second sees what the first did. Nothing can be promoted while there is no version."""
    session.exec(select(ModelVersion.id).order_by(col(ModelVersion.id)).with_for_update()).all()
