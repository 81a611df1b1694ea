"""Scenes of video files."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from worldline.formats.errors import SceneError
from worldline.formats.registry import ReadScene
from worldline.formats.report import Loss
from worldline.formats.scene import CameraSensor, Clock, EncodedImage, Packet, Scene, Sweep, VideoStream
from worldline.geometry import Pose
from worldline.geometry.arrays import Int64s

from .codec import as_avcc, browser_codec
from .confined import LIMITS, Limits
from .damage import as_ranges
from .facts import VideoFacts, read_facts
from .recode import recoded_packets, recoded_stream, stored_packets

LONGEST_GROUP = 64
"""A frame further than this from its key frame takes too long to find."""

ENDINGS = frozenset(
    f".{ending}"
    for ending in (
        *("mp4", "m4v", "mov", "mkv", "webm", "avi", "ts", "mts", "m2ts", "mpg", "mpeg", "ogv", "flv", "wmv", "asf"),
        *("mxf", "3gp", "3g2", "ivf", "gif", "h264", "264"),
    )
)


@dataclass(frozen=True, slots=True)
class VideoData:
    """The packets of a video file: a `SceneData`.

    Attributes:
        path: The file.
        sensor: The camera.
        facts: What was found in it.
        codec: Its codec string, where the packets are taken as they are; else they are encoded again.
        limits: Of the processes that read it.
    """

    path: Path
    sensor: str
    facts: VideoFacts
    codec: str | None
    limits: Limits = LIMITS

    def sweep(self, sensor: str, frame: int) -> Sweep:
        """There is none."""
        raise SceneError(f"there is no sweep {frame} of {sensor}: a video file has none")

    def image(self, sensor: str, frame: int) -> EncodedImage:
        """There is none."""
        raise SceneError(f"there is no image {frame} of {sensor}: a video file has packets")

    def stream(self, sensor: str) -> VideoStream:
        """The camera's stream.

        Raises:
            SceneError: There is no such camera.
        """
        self._check(sensor)
        facts = self.facts
        if self.codec is None:
            return recoded_stream(self.path, facts, self.limits)
        return VideoStream(
            self.codec,
            facts.codec_name,
            as_avcc(facts.codec_name, facts.extradata),
            facts.time_base,
            facts.width_px,
            facts.height_px,
            facts.rotation_deg,
        )

    def packets(self, sensor: str) -> Iterator[Packet]:
        """The camera's packets in decode order.

        Raises:
            SceneError: There is no such camera.
            BrokenFileError: The file changed since it was looked at, or its decoder failed.
        """
        self._check(sensor)
        read = recoded_packets if self.codec is None else stored_packets
        return read(self.path, self.facts, self.limits)

    def _check(self, sensor: str) -> None:
        if sensor != self.sensor:
            raise SceneError(f"there is no camera {sensor}, only {self.sensor}")


@dataclass(frozen=True, slots=True)
class VideoReader:
    """Reads a video file.

    Attributes:
        limits: Of the processes that decode it.
    """

    limits: Limits = LIMITS

    def recognise(self, path: Path) -> bool:
        """Whether its name ends like a video's."""
        try:
            return path.suffix.lower() in ENDINGS and path.is_file()
        except OSError:
            return False

    def read(self, path: Path, name: str) -> Iterator[ReadScene]:
        """The one scene of a file: a camera without calibration.

        Raises:
            MissingFileError: There is no such file.
            BrokenFileError: It is no video, or damaged.
        """
        facts = read_facts(path, self.limits)
        codec, why = choose_codec(facts)
        camera = re.sub(r"[^A-Za-z0-9_-]+", "_", path.stem)[:60].strip("_") or "video"
        width_px, height_px = facts.width_px, facts.height_px
        if facts.rotation_deg % 180:
            width_px, height_px = height_px, width_px
        count = len(facts.frame_pts)
        digits = max(6, len(str(count)))
        clock = Clock(_times(facts), tuple(f"{frame:0{digits}d}" for frame in range(count)))
        sensor = CameraSensor(camera, Pose(), clock, (Pose(),) * count, width_px, height_px, None, "video")
        data = VideoData(path, camera, facts, codec, self.limits)
        scene = Scene(name, (sensor,), camera, data, sounds=facts.sounds)
        yield ReadScene(scene, tuple(_losses(facts, why)))


READER = VideoReader()


def choose_codec(facts: VideoFacts) -> tuple[str | None, str | None]:
    """The codec string if the packets can be taken as they are; else None and why not."""
    extradata = as_avcc(facts.codec_name, facts.extradata)
    codec = browser_codec(facts.codec_name, facts.pix_fmt, extradata, facts.width_px, facts.height_px)
    if codec is None:
        return None, f"browsers do not decode {facts.codec_name} {facts.pix_fmt} from this container"
    if facts.damaged:
        return None, "frames of it are damaged"
    if not facts.is_one_to_one:
        return None, "its packets do not show one frame each"
    if not facts.is_one_size:
        return None, "its frames are of several sizes"
    if not facts.is_one_configuration:
        return None, "its parameters change within it"
    if not facts.is_closed:
        return None, "its groups of pictures are open: not every key frame is a place to begin"
    if facts.longest_group > LONGEST_GROUP:
        return None, f"its key frames are up to {facts.longest_group} frames apart, more than {LONGEST_GROUP}"
    return codec, None


def _losses(facts: VideoFacts, why: str | None) -> Iterator[Loss]:
    if why is not None:
        yield Loss("frames encoded again as H.264", len(facts.frame_pts), why)
    if facts.damaged:
        which = as_ranges(facts.damaged)
        reason = "the file is damaged there, or where these frames begin; they show stripes. Copy it again"
        yield Loss("damaged frames", len(facts.damaged), f"{which}: {reason}")
    if facts.lost_count:
        yield Loss("packets without a frame", facts.lost_count, "they cannot be decoded; the frames have no numbers")
    if facts.estimated:
        which = as_ranges(facts.estimated)
        yield Loss("frame times", len(facts.estimated), f"{which}: the file gives none that increase; estimated")


def _times(facts: VideoFacts) -> Int64s:
    """PTS in nanoseconds, rounded to the nearest."""
    above, below = facts.time_base.numerator * 1_000_000_000, facts.time_base.denominator
    return np.array([(2 * pts * above + below) // (2 * below) for pts in facts.frame_pts.tolist()], dtype=np.int64)
