"""Changing the classifier of a running worker when another one is put in force. A mail keeps the one it began with."""

import threading

import structlog

from inbox_agent.domain.errors import DatabaseError
from inbox_agent.pipeline.model_shelf import InForce, ModelShelf, Opened, is_fault, said
from inbox_agent.pipeline.triager import Triager

log = structlog.get_logger()


class ClassifierSwitch:
    """Follows what is in force. `serving` names what reads now; `problem` says why that is not what should ("": it is).

    A model that is refused is tried again when it is promoted again; the previous one goes on reading.
    """

    def __init__(self, shelf: ModelShelf, triager: Triager, opened: Opened) -> None:
        """`opened` is what the triager begins with."""
        self._shelf = shelf
        self._triager = triager
        self._choice = opened.choice
        self._refused = opened.refused
        self._thread: threading.Thread | None = None
        self.problem = opened.problem

    @property
    def serving(self) -> str:
        """The version of the classifier that reads."""
        return self._triager.classifier.version

    def follow(self) -> None:
        """Looks what should read and begins to load it, in a thread of its own, when that is another one.

        Raises `DatabaseError`.
        """
        if self._thread is not None and self._thread.is_alive():
            return
        wanted = self._shelf.in_force()
        if wanted == self._refused:
            return
        if wanted.version == self._choice.version:
            self._choice, self._refused, self.problem = wanted, None, ""
            return
        self._thread = threading.Thread(target=self._change, args=(wanted,), name="model", daemon=True)
        self._thread.start()

    def _change(self, wanted: InForce) -> None:
        try:
            classifier = self._shelf.open(wanted.version)
        except (DatabaseError, OSError) as error:
            self._note(wanted, error)  # tried again at the next look
        except Exception as error:  # whatever is wrong with a model, the worker goes on reading with the one it has
            self._refused = wanted
            self._note(wanted, error)
        else:
            before, self._triager.classifier = self.serving, classifier
            self._choice, self._refused, self.problem = wanted, None, ""
            log.info("model_switched", model=classifier.version, before=before)

    def _note(self, wanted: InForce, error: Exception) -> None:
        """Says who was refused and why, once: in the log, and in `problem` for the worker's row."""
        sentence = said(error, wanted.version)
        if sentence != self.problem:
            self.problem = sentence
            log.error(
                "model_refused", model=wanted.version, problem=sentence, serving=self.serving, exc_info=is_fault(error)
            )
