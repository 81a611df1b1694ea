"""What can be wrong with a thing in space. None of these knows of HTTP."""


class GeometryError(ValueError):
    """Something in space is not what it has to be."""


class PoseError(GeometryError):
    """A rotation is not a rotation, or a number is not finite."""


class CuboidError(GeometryError):
    """A cuboid's size is not positive and finite."""


class CameraError(GeometryError):
    """A camera's numbers do not describe a camera."""


class CloudError(GeometryError):
    """An array of points, or a length asked of it, has the wrong shape or range."""


class MaskError(GeometryError):
    """A mask's runs or a polygon's corners are not what they have to be."""


class FitError(GeometryError):
    """No cuboid could be fitted: too few points, or nothing there.

    Attributes:
        point_count: Points that were found.
    """

    def __init__(self, message: str, point_count: int = 0) -> None:
        """Keep the message and the count."""
        super().__init__(message)
        self.point_count = point_count
