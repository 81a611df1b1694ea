"""Small pictures of a camera's frames, for strips and lists."""

from .reducer import WIDTHS_PX, Reducer

__all__ = ["WIDTHS_PX", "Reducer"]
