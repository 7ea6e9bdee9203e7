"""Calibration error and coverage: worked out by hand, and against a plain way to reckon them."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from classifiers.evaluation.reliability import (
    Point,
    bins_of,
    calibration_error,
    coverage,
    curve,
    ranked,
)

Mails = list[tuple[float, bool]]


def rows(mails: Mails) -> tuple[np.ndarray, np.ndarray]:
    return ranked(np.array([sure for sure, _ in mails]), np.array([right for _, right in mails]))


def test_error_by_hand() -> None:
    """Two bins of two: 0.9 and 0.8 with one right, off by 0.35; 0.4 and 0.2 with none right, off by 0.3."""
    mails = [(0.9, True), (0.2, False), (0.8, False), (0.4, False)]
    assert calibration_error(*rows(mails), bins=2)[0] == pytest.approx((0.35 + 0.3) / 2)
    low, high = bins_of(*rows(mails), bins=2)
    assert (low.mails, low.confidence, low.right) == (2, pytest.approx(0.3), 0)
    assert (high.confidence, high.right) == (pytest.approx(0.85), 0.5)
    assert high.low == pytest.approx(0.0945, abs=1e-3), "Wilson's interval of 1 in 2"


def test_mails_of_equal_confidence_are_spread_over_bins_alike() -> None:
    """Half of them right at 0.5 is no error, however the bins cut through them."""
    mails = [(0.5, True)] * 10 + [(0.5, False)] * 10
    assert calibration_error(*rows(mails), bins=10)[0] == pytest.approx(0)


def test_fewer_mails_than_bins() -> None:
    assert calibration_error(*rows([(0.7, True)]))[0] == pytest.approx(0.3)
    assert len(bins_of(*rows([(0.7, True), (0.1, False)]))) == 2


def test_coverage_by_hand() -> None:
    """49 right, one wrong: 50 of 100 at exactly 0.98. Then wrong ones, and a last right one that changes nothing."""
    mails = [(1 - place / 1000, place != 30) for place in range(50)]
    mails += [(0.5 - place / 1000, False) for place in range(49)] + [(0.1, True)]
    assert coverage(*rows(mails))[0] == 0.5


def test_no_threshold_parts_mails_of_equal_confidence() -> None:
    """Equally sure mails are let through together: the wrong ones among them count, wherever they stand."""
    sure = [(0.9, True)] * 40
    assert coverage(*rows(sure + [(0.8, True)] * 4 + [(0.8, False)] * 4))[0] == pytest.approx(40 / 48)
    assert coverage(*rows([(0.8, True)] * 9 + [(0.8, False)]))[0] == 0
    assert coverage(*rows([(0.8, True)] * 99 + [(0.8, False)]))[0] == 1


def test_curve() -> None:
    assert curve(*rows([(0.9, True), (0.5, True), (0.5, False), (0.2, False)])) == (
        Point(0.9, 0.25, 1.0),
        Point(0.5, 0.75, pytest.approx(2 / 3)),
        Point(0.2, 1.0, 0.5),
    )


MAILS = st.lists(
    st.tuples(st.one_of(st.sampled_from([0.0, 0.5, 0.9, 1.0]), st.floats(0, 1)), st.booleans()), min_size=1, max_size=60
)


@settings(deadline=None)
@given(MAILS)
def test_coverage_is_that_of_the_best_threshold(mails: Mails) -> None:
    through = [[right for sure, right in mails if sure >= threshold] for threshold, _ in mails]
    best = max([len(rights) for rights in through if sum(rights) >= 0.98 * len(rights) - 1e-9], default=0)
    assert coverage(*rows(mails))[0] == best / len(mails)


@settings(deadline=None)
@given(MAILS, st.integers(1, 12))
def test_error_against_a_plain_reckoning(mails: Mails, bins: int) -> None:
    level = {sure: np.mean([right for other, right in mails if other == sure]) for sure, _ in mails}
    ordered = sorted((sure for sure, _ in mails), reverse=True)
    count = min(bins, len(mails))
    error = 0.0
    for part in range(count):
        inside = ordered[part * len(mails) // count : (part + 1) * len(mails) // count]
        error += abs(sum(inside) - sum(level[sure] for sure in inside))
    assert calibration_error(*rows(mails), bins=bins)[0] == pytest.approx(error / len(mails))
    found = bins_of(*rows(mails), bins=bins)
    assert sum(one.mails for one in found) == len(mails)
    for one in found:
        assert 0 <= one.low <= one.right + 1e-9
        assert one.right - 1e-9 <= one.high <= 1
