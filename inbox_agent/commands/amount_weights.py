"""`python -m inbox_agent.commands.amount_weights`: learns anew from the corpus's training split which amount is an act's."""

from classifiers import corpus
from classifiers.corpus import Split
from extractors import amount_learning
from extractors.act_amounts import ActAmounts
from extractors.amount_learning import Example
from extractors.nlp import Sentences
from extractors.reading import Reading
from extractors.segments import new_sentences


def main() -> None:
    """Writes `extractors/amount_weights.json`. Takes a minute; needs the training extra."""
    reading, sentences, tools = Reading(), Sentences(), ActAmounts(weights={})
    found: list[Example] = []
    for record in corpus.shipped():
        if record.split is Split.TRAIN:
            text = reading.read(record.mail)
            spans = new_sentences(text, sentences, text.language)
            found += amount_learning.examples(tools, record.mail, text, record.ledger, record.gold, spans)
    amount_learning.write(amount_learning.learn(found))


if __name__ == "__main__":
    main()
