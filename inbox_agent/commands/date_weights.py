"""`python -m inbox_agent.commands.date_weights`: learns anew from the corpus's training split which day is an act's."""

from classifiers import corpus
from classifiers.corpus import Split
from extractors import date_learning
from extractors.act_dates import ActDates
from extractors.date_learning import Example
from extractors.dates import Dates
from extractors.nlp import Sentences
from extractors.reading import Reading
from extractors.segments import new_sentences
from extractors.units import Units


def main() -> None:
    """Writes `extractors/date_weights.json`. Takes a minute; needs the training extra."""
    reading, sentences, units, tools = Reading(), Sentences(), Units(), ActDates(Dates(), weights={})
    found: list[Example] = []
    for record in corpus.shipped():
        if record.split is Split.TRAIN:
            text = reading.read(record.mail)
            spans = new_sentences(text, sentences, text.language)
            cut = [(unit.start, unit.end) for unit in units.cut(text.source, spans)]
            found += date_learning.examples(tools, record.mail, text, record.ledger, record.gold, spans, cut)
    date_learning.write(date_learning.learn(found))


if __name__ == "__main__":
    main()
