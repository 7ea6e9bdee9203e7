"""The steps of a triage in order, nothing else."""

from inbox_agent.domain.ledger import Ledger
from inbox_agent.domain.mail import Mail
from inbox_agent.domain.steps import ActExtractor, DangerWatch, IntentClassifier, ReplyDrafter, TextReader
from inbox_agent.domain.text import MailText
from inbox_agent.domain.triage import Triage


class Triager:
    """Reads one mail. Each step uses only what came before it and the ledger.

    `classifier` may be exchanged while mails are read: each mail asks it once, and keeps the one that it asked.
    """

    def __init__(
        self,
        reader: TextReader,
        classifier: IntentClassifier,
        extractor: ActExtractor,
        watch: DangerWatch,
        drafter: ReplyDrafter,
    ) -> None:
        self.reader = reader
        self.classifier = classifier
        self.extractor = extractor
        self.watch = watch
        self.drafter = drafter

    def triage(self, mail: Mail, ledger: Ledger, text: MailText | None = None) -> Triage:
        """The reading of `mail`, given what the ledger knows of its sender; `text` where the body was read already."""
        text = text or self.reader.read(mail)
        classification = self.classifier.classify(mail, text)
        extraction = self.extractor.extract(mail, text, classification, ledger)
        dangers = self.watch.signs(mail, text, classification, extraction, ledger)
        draft = self.drafter.draft(mail, text, classification, extraction, ledger, dangers)
        return Triage(text, ledger, classification, extraction, draft, dangers)
