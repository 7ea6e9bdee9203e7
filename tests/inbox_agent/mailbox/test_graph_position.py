"""What a cursor of a Microsoft 365 mailbox holds: read back as written, and nothing else is one."""

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from inbox_agent.mailbox.graph_failure import Problem
from inbox_agent.mailbox.graph_message import instant
from inbox_agent.mailbox.graph_position import Position, as_cursor, mark, positions

TEXT = st.text(max_size=30)


@given(st.dictionaries(TEXT, st.builds(Position, TEXT, st.lists(TEXT, max_size=4).map(tuple), TEXT), max_size=4))
def test_positions_are_read_back_as_written(by_folder):
    assert positions(as_cursor(by_folder)) == by_folder


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from(["v", "folders", "link", "error"]), inner)
    ),
    max_leaves=8,
)


@given(ANY_JSON)
def test_anything_else_is_the_beginning(value):
    assert isinstance(positions(json.dumps(value)), dict)
    assert isinstance(Problem.of(json.dumps(value).encode()).code, str)


@pytest.mark.parametrize("cursor", ["", "what:is this?", "1:5", '{"v": 2, "folders": {}}', '{"v": 1}', "[" * 100_000])
def test_cursors_of_others(cursor):
    assert positions(cursor) == {}


def test_that_a_mail_departed_is_another_entry_than_that_it_came():
    assert mark("AAkALgAA1=") != mark("AAkALgAA1=", departed=True)


@given(TEXT)
def test_an_instant_is_one_or_none(text):
    found = instant(text)
    assert found is None or found.utcoffset().total_seconds() == 0
