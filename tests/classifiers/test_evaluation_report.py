"""The page: whole, without anything from outside, and harmless whatever the mails say."""

import json
import re
from datetime import date
from pathlib import Path

import lxml.html
import pytest
from factories.labelled import a_line, records
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from classifiers.corpus import Record, Split
from classifiers.evaluation import Reading, report
from classifiers.evaluation.plots import Frame, coverage_frame, thinned
from classifiers.evaluation.reliability import Point
from classifiers.evaluation.run import MAX_SHOWN, Run, scored
from classifiers.evaluation.shown import shown, shown_line
from inbox_agent.domain.taxonomy import Intent

HOSTILE = """</pre><script>alert(1)</script><img src=x onerror="alert(2)">
<!-- ]]> {{ 7 * 7 }} {% raw %} &lt;b&gt; <a href="javascript:alert(3)">'"</a><style>*{display:none}</style>"""

WRONG = Reading(frozenset({Intent.UNRELATED}), 0.9)
RIGHT = Reading(frozenset({Intent.PROMISE_TO_PAY}), 0.8)


def a_run(mails: list[Record], *readings: Reading, name: str = "phrases", **fields: object) -> Run:
    readings = readings or (WRONG,) * len(mails)
    readers = (
        scored(name, f"{name}-1", mails, readings, resamples=20),
        scored("majority", "3 mails", mails, readings, baseline=True, resamples=20),
    )
    return Run(("a.jsonl",), date(2026, 11, 24), tuple(mails), readers, {Split.TEST: 1}, **fields)  # type: ignore[arg-type]


def test_hostile_mail_is_text(tmp_path: Path) -> None:
    line = a_line(HOSTILE, subject=HOSTILE, id=HOSTILE)
    page = report.page(a_run(records(tmp_path / "x.jsonl", [line]), name=HOSTILE, warnings=(HOSTILE,)))
    tree = lxml.html.fromstring(page)
    assert not tree.xpath("//script | //img | //a | //iframe | //object | //link | //@onerror | //@href | //@src")
    assert len(tree.xpath("//style")) == 1
    assert tree.xpath("string(//article/pre)").removeprefix("\n") == HOSTILE
    assert tree.xpath("string(//article/h4)") == HOSTILE
    assert HOSTILE in tree.xpath("string(//p[@class='warning'])")


def test_the_page_needs_nothing_else(tmp_path: Path) -> None:
    mails = records(tmp_path / "x.jsonl", [a_line(), a_line(language="fr"), a_line(intents=["dispute", "other_query"])])
    page = report.page(a_run(mails, WRONG, RIGHT, RIGHT))
    assert not re.search(r"https?:|//\w|url\(|@import|<script", page)
    assert "default-src 'none'" in page
    tree = lxml.html.fromstring(page)
    assert len(tree.xpath("//svg")) == 3
    text = " ".join(tree.text_content().split())
    for title in report.MEASURES.values():
        assert title in text
    assert "The worst 2 mails" in text
    assert "F1 fr" in text
    for points in tree.xpath("//polyline/@points"):
        for place in points.split():
            x, y = map(float, place.split(","))
            assert 0 <= x <= 340
            assert 0 <= y <= 300


def test_everything_right(tmp_path: Path) -> None:
    page = report.page(a_run(records(tmp_path / "x.jsonl", [a_line()]), RIGHT))
    assert "None: every set is right." in page
    assert "100 % of mails at 98 %, from confidence 0.800" in page
    assert "<article>" not in page


def test_escape_codes_and_reordering_marks(tmp_path: Path) -> None:
    body = "betaald\x1b[2J\x9b31m \u202egnp.exe\u2066 \ud800"
    page = report.page(a_run(records(tmp_path / "x.jsonl", [a_line(body)])))
    for mark in ("\x1b", "\x9b", "\u202e", "\u2066"):
        assert mark not in page
    assert "betaald�[2J�31m gnp.exe" in page
    assert shown("a\r\nb\tc") == "a\nb\tc"
    assert shown_line("a\n\x1b b " + "c" * 200_000, 10) == "a � b ccc…"


def test_a_long_mail_is_shortened(tmp_path: Path) -> None:
    run = a_run(records(tmp_path / "x.jsonl", [a_line("lang " * 40_000)]))
    assert len(run.worst(run.readers[0])[0].text) == MAX_SHOWN + 2
    assert len(report.page(run)) < 40_000


def test_files(tmp_path: Path) -> None:
    run = a_run(records(tmp_path / "x.jsonl", [a_line("Käse \x9b", id="a"), a_line()]), WRONG, RIGHT)
    report.write(run, tmp_path / "deep" / "report")
    assert (tmp_path / "deep" / "report" / "index.html").read_text(encoding="utf-8") == report.page(run)
    text = (tmp_path / "deep" / "report" / "metrics.json").read_text(encoding="ascii")
    found = json.loads(text)
    assert found["in_corpus"] == {"train": 0, "dev": 0, "test": 1}
    reader, baseline = found["readers"]
    assert (reader["version"], reader["baseline"], baseline["baseline"]) == ("phrases-1", False, True)
    assert reader["scores"]["exact"]["value"] == 0.5
    assert reader["scores"]["whole"]["intents"]["promise_to_pay"]["support"] == 2
    assert [(one["id"], one["text"], one["read"]) for one in reader["worst"]] == [("a", "Käse \x9b", ["unrelated"])]


def test_frames_and_curves() -> None:
    assert (Frame().x(0), Frame().x(1), Frame().y(0), Frame().y(1)) == (54, 328, 256, 8)
    assert Frame(floor=0.5).y(0.2) == 256
    points = [Point(1 - place / 1000, place / 1000, 0.9) for place in range(1, 1001)]
    assert coverage_frame(points).floor == 0.75
    assert coverage_frame([]).floor == 0
    assert len(thinned(points)) <= 301
    assert thinned(points)[-1] == (1.0, 0.9)
    assert thinned([]) == []


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("mails")


@settings(deadline=None, max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(max_size=200), st.text(max_size=50))
def test_any_mail(folder: Path, body: str, subject: str) -> None:
    mails = records(folder / "x.jsonl", [a_line(body, subject=subject)])
    page = report.page(a_run(mails))
    page.encode()
    tree = lxml.html.fromstring(page)
    assert len(tree.xpath("//article/pre")) == 1
    assert not tree.xpath(
        "//article//*[not(self::h4 or self::bdi or self::dl or self::dt or self::dd or self::pre or self::small)]"
    )
