"""The classifiers that may be in force: which one should read, and getting it from the database into this process.

The newest promotion decides; where there is none, or it was rolled back, the setting `classifier` does.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

import sqlalchemy as sa
import structlog
from sqlmodel import Session

from inbox_agent import db
from inbox_agent.domain.errors import DatabaseError, InboxAgentError, ModelError
from inbox_agent.domain.steps import IntentClassifier
from inbox_agent.records.model_version import (
    ModelPromotion,
    ModelVersion,
    newest_promotion,
    pieces,
    version_named,
)
from inbox_agent.whole_file import write_whole

log = structlog.get_logger()

LoadClassifier = Callable[[str], IntentClassifier]
"""A classifier by its name or the path of its file. Raises `ModelError`."""


@dataclass(frozen=True, slots=True)
class InForce:
    """Which classifier should read. `version` "": the setting's. `promotion_id` 0: nothing was ever promoted."""

    promotion_id: int = 0
    version: str = ""


@dataclass(frozen=True, slots=True)
class Opened:
    """A classifier that is ready, the choice that it is, and what stood before it and could not be opened (and why)."""

    classifier: IntentClassifier
    choice: InForce
    refused: InForce | None = None
    problem: str = ""


class ModelShelf:
    """Opens classifiers. `folder` holds the files fetched from the database; several workers may share it."""

    def __init__(self, engine: sa.Engine, load: LoadClassifier, setting: str, folder: Path) -> None:
        self._engine = engine
        self._load = load
        self._setting = setting
        self._folder = folder

    def in_force(self) -> InForce:
        """The choice that the database holds. Raises `DatabaseError`."""
        with db.reading(self._engine) as session:
            return _choice(session, newest_promotion(session))

    def open(self, version: str) -> IntentClassifier:
        """The classifier of that version ("": the setting's), loaded now.

        Raises `ModelError` that names the version, `NotFound`, `DatabaseError`; `OSError` when its file cannot be written.
        """
        if not version:
            return self._load(self._setting)
        try:
            return self._load(str(self.file(version)))
        except ModelError as error:
            raise ModelError(f"The model {version} is refused: {error.sentence}") from error

    def first(self) -> Opened:
        """The one to begin with: what is in force, else what was before it, at last what the setting names.

        Raises `ModelError` when not even that can be loaded, and `DatabaseError`.
        """
        refused, problem = None, ""
        for choice in self._choices():
            try:
                return Opened(self.open(choice.version), choice, refused, problem)
            except DatabaseError:
                raise
            except Exception as error:  # whatever is wrong with a promoted model, mail is read
                if not choice.version:
                    raise
                sentence = said(error, choice.version)
                log.error("model_refused", model=choice.version, problem=sentence, exc_info=is_fault(error))
                if not problem:
                    # What could not be written to disk is tried again; a refused model would be refused again.
                    refused, problem = None if isinstance(error, OSError) else choice, sentence
        raise AssertionError("the setting stands last")

    def file(self, version: str) -> Path:
        """The version's file, fetched from the database unless it is there and whole. Raises as `open` does."""
        with db.reading(self._engine) as session:
            row = version_named(session, version)
            path = self._folder / f"{row.version}.safetensors"
            if not _is_whole(path, row.sha256):
                assert row.id is not None
                write_whole(path, _checked(pieces(session, row.id), row.sha256))
        return path

    def _choices(self) -> list[InForce]:
        """What is in force, then what each rollback would return to; the setting's classifier stands last."""
        choices: list[InForce] = []
        with db.reading(self._engine) as session:
            promotion = newest_promotion(session)
            while promotion is not None and promotion.model_id is not None:
                choices.append(_choice(session, promotion))
                promotion = session.get(ModelPromotion, promotion.before_id) if promotion.before_id else None
        return [*choices, _choice(session, promotion)]


def said(error: Exception, version: str) -> str:
    """Why a model does not read, in a sentence, and what to do about it."""
    named = f"The model {version}" if version else "The classifier of the setting `classifier`"
    if isinstance(error, DatabaseError):
        return error.sentence
    if isinstance(error, OSError):
        return f"{named} cannot be fetched ({error.strerror}). Free some space; it is tried again."
    what = error.sentence if isinstance(error, InboxAgentError) else f"{named} breaks ({type(error).__name__})."
    if not version:
        return f"{what} Correct that setting, then start the worker again."
    return f"{what} Go back with: inbox-agent models rollback"


def is_fault(error: Exception) -> bool:
    """Whether nobody foresaw it, so that the log should say where it happened."""
    return not isinstance(error, InboxAgentError | OSError)


def _choice(session: Session, promotion: ModelPromotion | None) -> InForce:
    if promotion is None or promotion.id is None:
        return InForce()
    if promotion.model_id is None:
        return InForce(promotion.id)
    return InForce(promotion.id, session.get_one(ModelVersion, promotion.model_id).version)


def _is_whole(path: Path, sha256: str) -> bool:
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest() == sha256
    except FileNotFoundError:
        return False


def _checked(content: Iterable[bytes], sha256: str) -> Iterator[bytes]:
    """The same bytes; raises `ModelError` at their end when they are not those that were registered."""
    found = hashlib.sha256()
    for piece in content:
        found.update(piece)
        yield piece
    if found.hexdigest() != sha256:
        raise ModelError("Its bytes in the database are not those that were registered (wrong SHA-256).")
