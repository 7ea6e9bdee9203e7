"""Near duplicates: the same letter with other numbers is one, another letter in the same form is none."""

from factories.good_record import good_record

from classifiers.corpus import Record
from classifiers.validation.near_duplicates import check, pairs
from inbox_agent.domain.guide import read_gold, read_record

LETTER = "Beste Wim,\n\nde pallets van 12 maart zijn niet compleet geleverd, er missen nog zes dozen met kitspuiten en een rol folie."


def record(id: str, body: str, *, customer: str = "10233", file: str = "b") -> Record:
    source = good_record(body, id=id)
    source["ledger"]["customer"]["number"] = customer
    source["gold"]["acts"], source["gold"]["intents"] = [], ["other_query"]
    id, mail, ledger = read_record(source)
    return Record(id, mail, ledger, read_gold(source), file, source)


def test_other_numbers_and_greetings_do_not_hide_a_copy() -> None:
    copy = LETTER.replace("Beste Wim", "Goedemorgen").replace("12 maart", "17 maart")
    (pair,) = pairs([record("a", LETTER), record("b", copy)])
    assert pair.jaccard == 1.0


def test_a_letter_within_a_longer_one() -> None:
    longer = f"{LETTER} Verder wil ik graag een overzicht van alles wat nog open staat want onze accountant vraagt daar al weken naar."
    (pair,) = pairs([record("a", LETTER), record("b", longer)])
    assert pair.containment == 1.0
    assert pair.jaccard < 1.0


def test_other_letters_are_none() -> None:
    other = "Beste Wim,\n\nde pallets zijn binnen en compleet, dank je, de rekening gaat vrijdag mee met de rest van de maand."
    assert pairs([record("a", LETTER), record("b", other), record("c", "Dank"), record("d", "Dank je")]) == []


def test_across_splits_it_is_an_error_and_within_one_a_warning() -> None:
    near = LETTER.replace("een rol folie", "twee rollen plakband")
    train = record("a", LETTER, file="de")
    others = [record(f"b{number}", near, customer=str(number)) for number in range(40)]
    other = next(one for one in others if one.split is not train.split)
    assert [one.severity.value for one in check([train, other])] == ["error"]
    assert [one.severity.value for one in check([train, record("c", near, file="de")])] == ["warning"]
