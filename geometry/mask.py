"""Masks: which pixels of an image belong to a thing.

Stored as runs, so that a mask of a large image is small, and compared and combined as runs. Pixel coordinates are
0-based, the centre of the top left pixel is (0, 0).
"""

from dataclasses import dataclass

import numpy as np

from .arrays import Bools, Int64s
from .box import Box
from .errors import MaskError
from .runs import check_runs, combine_runs, decode_runs, encode_runs, runs_to_text, text_to_runs

_AND, _OR, _WITHOUT = 0b1000, 0b1110, 0b0100


@dataclass(frozen=True, slots=True, eq=False)
class Mask:
    """Some pixels of an image.

    Attributes:
        height_px: Of the image.
        width_px: Of the image.
        counts: (R,) int64: lengths of runs, column by column, the first of pixels that are off.

    Raises:
        MaskError: The runs do not add up to the image.
    """

    height_px: int
    width_px: int
    counts: Int64s

    def __post_init__(self) -> None:
        """Check the runs, and join those that an empty one parts: equal pixels have equal runs."""
        counts = np.array(self.counts, dtype=np.int64).reshape(-1)
        check_runs(counts, self.height_px, self.width_px)
        if (counts[1:] == 0).any():
            counts = combine_runs(counts, counts, _AND)
        counts.setflags(write=False)
        object.__setattr__(self, "counts", counts)

    def __eq__(self, other: object) -> bool:
        """The same pixels of an image of the same size."""
        if not isinstance(other, Mask):
            return NotImplemented
        return self._size == other._size and np.array_equal(self.counts, other.counts)

    def __hash__(self) -> int:
        """Of size and runs."""
        return hash((*self._size, self.counts.tobytes()))

    @classmethod
    def from_pixels(cls, pixels: Bools) -> "Mask":
        """The mask of an (H, W) bool array."""
        height, width = pixels.shape
        return cls(int(height), int(width), encode_runs(pixels))

    @classmethod
    def from_text(cls, text: str, height_px: int, width_px: int) -> "Mask":
        """The mask of COCO's compressed text.

        Raises:
            MaskError: It is none, or of another size.
        """
        return cls(height_px, width_px, text_to_runs(text))

    @property
    def text(self) -> str:
        """COCO's compressed text."""
        return runs_to_text(self.counts)

    @property
    def pixels(self) -> Bools:
        """(H, W) bool."""
        return decode_runs(self.counts, self.height_px, self.width_px)

    @property
    def area_px2(self) -> int:
        """How many pixels."""
        return int(self.counts[1::2].sum())

    @property
    def box(self) -> Box | None:
        """The centres of its outermost pixels as a box; None where it is empty."""
        if self.area_px2 == 0:
            return None
        ends = np.cumsum(self.counts)
        first, last = ends[:-1:2], ends[1::2] - 1  # of each run of pixels that are on
        left, right = int(first[0]) // self.height_px, int(last[-1]) // self.height_px
        is_tall = first // self.height_px != last // self.height_px  # goes on in the next column
        rows = np.concatenate([first % self.height_px, last % self.height_px])
        top = 0 if is_tall.any() else int(rows.min())
        bottom = self.height_px - 1 if is_tall.any() else int(rows.max())
        return Box(left, top, right, bottom)

    def __and__(self, other: "Mask") -> "Mask":
        """Pixels in both."""
        return self._combined(other, _AND)

    def __or__(self, other: "Mask") -> "Mask":
        """Pixels in one or both."""
        return self._combined(other, _OR)

    def __sub__(self, other: "Mask") -> "Mask":
        """Pixels that are not in the other."""
        return self._combined(other, _WITHOUT)

    def overlap(self, other: "Mask") -> float:
        """Intersection over union, 0 when both are empty."""
        whole = (self | other).area_px2
        return (self & other).area_px2 / whole if whole else 0.0

    def _combined(self, other: "Mask", table: int) -> "Mask":
        if self._size != other._size:
            raise MaskError(f"masks of one image have one size, not {self._size} and {other._size}")
        return Mask(self.height_px, self.width_px, combine_runs(self.counts, other.counts, table))

    @property
    def _size(self) -> tuple[int, int]:
        return self.height_px, self.width_px
