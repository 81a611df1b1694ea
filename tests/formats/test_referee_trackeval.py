"""TrackEval finds no difference between our KITTI export and its source."""

from pathlib import Path

import pytest

from tests.referees.run import run_referee
from tests.shared_data import shared_data
from worldline.formats.registry import find_format

SEQUENCES = [
    ("kitti_tracking_0001", "0001"),
    ("kitti_tracking_0002", "0002"),
    ("scalabel_kitti_sample/tracking", "0001"),
]


@pytest.mark.parametrize(("folder", "sequence"), SEQUENCES)
def test_an_export_is_its_source(folder: str, sequence: str, tmp_path: Path) -> None:
    source = shared_data(folder)
    kitti = find_format("kitti-tracking")
    (read,) = kitti.reader.read(source, "scene")
    kitti.writer.write(read.scene, tmp_path / "out")
    labels = Path("training") / "label_02" / f"{sequence}.txt"
    found = run_referee("trackeval", source / labels, tmp_path / "out" / labels)
    assert "car" in found
    for scores in found.values():
        assert scores["HOTA"] == pytest.approx(1.0, abs=1e-9)
        assert scores["MOTA"] == pytest.approx(1.0, abs=1e-9)
