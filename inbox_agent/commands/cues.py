"""`python -m inbox_agent.commands.cues`: learns the extractors' cues anew from the training split of the corpus."""

from classifiers import corpus
from classifiers.corpus import Split
from extractors import learning
from extractors.nlp import Sentences
from extractors.reading import Reading
from extractors.segments import new_sentences
from extractors.units import Units


def main() -> None:
    """Writes `lang/<code>/cues.toml` of all languages. Takes a minute; needs the training extra."""
    reading, sentences, units = Reading(), Sentences(), Units()
    mails = []
    for record in corpus.shipped():
        if record.split is Split.TRAIN:
            text = reading.read(record.mail)
            cut = units.cut(text.source, new_sentences(text, sentences, text.language))
            mails.append(learning.labelled(text, cut, record.gold.acts, record.gold.intents))
    learning.write(learning.learn(mails), mails)


if __name__ == "__main__":
    main()
