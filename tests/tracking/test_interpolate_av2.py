"""How the curves do on the tracks that people drew in a real log."""

import pytest

from tests.shared_data import shared_data

pytest.importorskip("pyarrow", reason="reads Argoverse 2 tables")

from benchmarks.interpolation import LOG, measure, read_tracks


def test_with_keyframes_three_seconds_apart_moving_vehicles_agree_with_people():
    tracks = read_tracks(shared_data(*LOG.parts))
    shares = measure(tracks, step=30)
    assert shares["worldline"] >= 0.84
    assert shares["worldline"] > shares["linear in the world"] + 0.1 > shares["linear in the ego frame"]
