"""Real KITTI frames laid out as a longer recording, through symlinks; nothing is copied."""

import sys
from pathlib import Path

from project import SHARED_DATA

SEQUENCE = "0001"
LABELLED = SHARED_DATA / "kitti_tracking_0001"
TEN_HZ = SHARED_DATA / "kitti_raw_10hz"


def repeat_labelled(out: Path, times: int) -> Path | None:
    """The labelled frames over and over as consecutive frames, with their labels.

    Args:
        out: A new folder.
        times: How often.

    Returns:
        The folder, None where the data is not at hand.
    """
    training = LABELLED / "training"
    if not training.is_dir():
        return _missing(LABELLED)
    scans = sorted((training / "velodyne" / SEQUENCE).glob("*.bin"))
    images = [training / "image_02" / SEQUENCE / f"{scan.stem}.png" for scan in scans]
    _link(out, scans * times, images * times)
    rows: dict[str, list[str]] = {}
    for line in (training / "label_02" / f"{SEQUENCE}.txt").read_text().splitlines():
        frame, row = line.split(" ", 1)
        rows.setdefault(frame, []).append(row)
    labels = out / "training" / "label_02" / f"{SEQUENCE}.txt"
    labels.parent.mkdir()
    lines = [
        f"{number} {row}\n" for number, scan in enumerate(scans * times) for row in rows.get(str(int(scan.stem)), [])
    ]
    labels.write_text("".join(lines))
    return out


def link_ten_hz(out: Path) -> Path | None:
    """The consecutive frames, a tenth of a second apart, without labels.

    Args:
        out: A new folder.

    Returns:
        The folder, None where the data is not at hand.
    """
    scans = sorted((TEN_HZ / "velodyne_points" / "data").glob("*.bin"))
    if not scans or not LABELLED.is_dir():
        return _missing(TEN_HZ)
    _link(out, scans, [TEN_HZ / "image_02" / "data" / f"{scan.stem}.png" for scan in scans])
    return out


def repeat_ten_hz(out: Path, count: int) -> Path | None:
    """So many frames: the consecutive ones, over and over.

    Args:
        out: A new folder.
        count: How many.

    Returns:
        The folder, None where the data is not at hand.
    """
    scans = sorted((TEN_HZ / "velodyne_points" / "data").glob("*.bin"))
    if not scans or not LABELLED.is_dir():
        return _missing(TEN_HZ)
    scans = (scans * (count // len(scans) + 1))[:count]
    _link(out, scans, [TEN_HZ / "image_02" / "data" / f"{scan.stem}.png" for scan in scans])
    return out


def _link(out: Path, scans: list[Path], images: list[Path]) -> None:
    training = out / "training"
    for kind, files in (("velodyne", scans), ("image_02", images)):
        folder = training / kind / SEQUENCE
        folder.mkdir(parents=True)
        for number, file in enumerate(files):
            if file.exists():
                (folder / f"{number:06d}{file.suffix}").symlink_to(file)
    (training / "calib").mkdir()
    (training / "calib" / f"{SEQUENCE}.txt").symlink_to(LABELLED / "training" / "calib" / f"{SEQUENCE}.txt")


def _missing(where: Path) -> None:
    print(f"needs real sensor data at {where} (set WORLDLINE_SHARED_DATA)", file=sys.stderr)
