"""`python -m inbox_agent.commands.amount_weights`: learns anew from the corpus's training split which amount is an act's."""

from classifiers import corpus
from classifiers.corpus import Split
from extractors import amount_learning
from extractors.act_amounts import ActAmounts
from extractors.amount_learning import Example
from extractors.dates import Dates
from extractors.nlp import Sentences
from extractors.reading import Reading
from extractors.segments import new_sentences
from extractors.stated import Stated


def main() -> None:
    """Writes `extractors/amount_weights.json`. Takes a minute; needs the training extra."""
    reading, sentences, dates, tools = Reading(), Sentences(), Dates(), ActAmounts(weights={})
    found: list[Example] = []
    for record in corpus.shipped():
        if record.split is Split.TRAIN:
            text = reading.read(record.mail)
            stated = Stated(record.mail, text, record.ledger, dates)
            spans = new_sentences(text, sentences, text.language)
            found += amount_learning.examples(tools, stated, record.gold, spans)
    amount_learning.write(amount_learning.learn(found))


if __name__ == "__main__":
    main()
