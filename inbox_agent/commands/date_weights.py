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
from extractors.stated import Stated
from extractors.units import Units


def main() -> None:
    """Writes `extractors/date_weights.json`. Takes a minute; needs the training extra."""
    reading, sentences, units, dates = Reading(), Sentences(), Units(), Dates()
    tools = ActDates(weights={})
    found: list[Example] = []
    for record in corpus.shipped():
        if record.split is Split.TRAIN:
            text = reading.read(record.mail)
            stated = Stated(record.mail, text, record.ledger, dates)
            spans = new_sentences(text, sentences, text.language)
            cut = [(unit.start, unit.end) for unit in units.cut(text.source, spans)]
            found += date_learning.examples(tools, stated, record.gold, spans, cut)
    date_learning.write(date_learning.learn(found))


if __name__ == "__main__":
    main()
