"""Video files: any that FFmpeg decodes, kept as packets beside an index of every frame's PTS.

Frame n is the n-th decoded frame in presentation order. Packets are taken as they are where a
browser can decode them from a near key frame; else the video is encoded again, at the same PTS.
"""

from .facts import VideoFacts, read_facts
from .reader import READER, VideoData

__all__ = ["READER", "VideoData", "VideoFacts", "read_facts"]
