"""Model versions: the bytes come back as they were, promotions form a history, and of two at once none is lost."""

import threading
from pathlib import Path

import pytest
import sqlalchemy as sa
from factories.mails import NOW
from factories.models import a_model_file

from inbox_agent import db
from inbox_agent.domain.errors import Conflict, ModelError, NotFound
from inbox_agent.records import model_version
from inbox_agent.records.model_version import ModelOrigin, ModelVersion


def kept(engine: sa.Engine, path: Path, version: str = "") -> ModelVersion:
    with db.writing(engine) as session:
        return model_version.register(session, path, version or path.stem, ModelOrigin.RETRAINED, {"seed": 1}, NOW)


def promote(engine: sa.Engine, version: str, who: str = "sanne") -> None:
    with db.writing(engine) as session:
        model_version.promote(session, version, who, NOW)


def rollback(engine: sa.Engine) -> str | None:
    with db.writing(engine) as session:
        row = model_version.rollback(session, "kees", NOW)
        return row.version if row else None


def history(engine: sa.Engine) -> list[str]:
    with db.reading(engine) as session:
        return [version for _, version in model_version.promotions(session)]


def test_a_file_comes_back_byte_for_byte(engine: sa.Engine, tmp_path: Path) -> None:
    path = a_model_file(tmp_path, "a")
    row = kept(engine, path)
    with db.reading(engine) as session:
        pieces = list(model_version.pieces(session, row.id or 0))
    assert b"".join(pieces) == path.read_bytes()
    assert len(pieces) == 3
    assert row.size == path.stat().st_size
    assert row.card == {"seed": 1}


def test_the_same_file_again_is_the_version_that_it_was(engine: sa.Engine, tmp_path: Path) -> None:
    path = a_model_file(tmp_path, "a")
    assert kept(engine, path).id == kept(engine, path).id
    with db.reading(engine) as session:
        assert [row.version for row in model_version.versions(session)] == ["a"]


@pytest.mark.parametrize("version", ["../a", "a b", "-a", "é" * 3, "x" * 101])
def test_a_name_that_is_no_file_name_is_refused(engine: sa.Engine, tmp_path: Path, version: str) -> None:
    with pytest.raises(ModelError, match="cannot be the name"):
        kept(engine, a_model_file(tmp_path, "a"), version)


def test_another_file_under_a_name_that_is_taken_is_refused(engine: sa.Engine, tmp_path: Path) -> None:
    kept(engine, a_model_file(tmp_path, "a"))
    with pytest.raises(ModelError, match="another model a already"):
        kept(engine, a_model_file(tmp_path, "b"), "a")


def test_an_unknown_version_is_answered_with_those_that_there_are(engine: sa.Engine, tmp_path: Path) -> None:
    with pytest.raises(NotFound, match="There are none yet; make one with: inbox-agent retrain"):
        promote(engine, "x")
    kept(engine, a_model_file(tmp_path, "a"))
    kept(engine, a_model_file(tmp_path, "b"))
    with pytest.raises(NotFound, match=r"There is no model x\. There are: a, b\."):
        promote(engine, "x")


def test_each_rollback_goes_one_further_back(engine: sa.Engine, tmp_path: Path) -> None:
    """a, b, back to a, c, back to a, back to the setting; then there is nothing left, until something is promoted."""
    for words in "abc":
        kept(engine, a_model_file(tmp_path, words))
    promote(engine, "a")
    promote(engine, "b")
    assert rollback(engine) == "a"
    promote(engine, "c")
    assert rollback(engine) == "a"
    assert rollback(engine) is None
    with pytest.raises(Conflict, match="There is nothing to roll back"):
        rollback(engine)
    promote(engine, "b")
    assert rollback(engine) is None
    assert history(engine) == ["", "b", "", "a", "c", "a", "b", "a"]


def test_history_says_who_and_when(engine: sa.Engine, tmp_path: Path) -> None:
    kept(engine, a_model_file(tmp_path, "a"))
    promote(engine, "a", "sanne")
    rollback(engine)
    with db.reading(engine) as session:
        rows = [(row.promoted_by, row.is_rollback, row.promoted_at) for row, _ in model_version.promotions(session)]
    assert rows == [("kees", True, NOW), ("sanne", False, NOW)]


def test_nothing_to_roll_back_at_first(engine: sa.Engine) -> None:
    with pytest.raises(Conflict, match="There is nothing to roll back"):
        rollback(engine)


def test_what_is_in_force_is_not_promoted_again(engine: sa.Engine, tmp_path: Path) -> None:
    kept(engine, a_model_file(tmp_path, "a"))
    promote(engine, "a")
    with pytest.raises(Conflict, match="in force already"):
        promote(engine, "a")
    assert history(engine) == ["a"]


def test_two_who_promote_at_once_stand_one_after_the_other(engine: sa.Engine, tmp_path: Path) -> None:
    """Whoever is second can be rolled back to the first, and the first to the setting."""
    names = ["a", "b", "c", "d"]
    for words in names:
        kept(engine, a_model_file(tmp_path, words))
    start = threading.Barrier(len(names))

    def at_once(version: str) -> None:
        start.wait()
        promote(engine, version)

    threads = [threading.Thread(target=at_once, args=(version,)) for version in names]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=60)
    order = history(engine)
    assert sorted(order) == names
    assert [rollback(engine) for _ in names] == [*order[1:], None]
