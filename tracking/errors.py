"""What can be wrong with a thing in time. None of these knows of HTTP."""


class TrackingError(ValueError):
    """Something in time is not what it has to be."""


class KeyframeError(TrackingError):
    """Keyframes are missing, out of order, or of the wrong shape."""


class SpanError(TrackingError):
    """Intervals are empty, overlap, or are out of order."""


class PropagationError(TrackingError):
    """A track cannot be carried on: there is nothing to start from."""


class LostError(PropagationError):
    """The object was not found in a frame; the text says why."""


class AgreementError(TrackingError):
    """Two label sets cannot be compared; the text says why."""


class OdometryError(TrackingError):
    """A lidar's motion cannot be told from its sweeps; the text says why."""


class AssociationError(TrackingError):
    """Cuboids cannot be linked into tracks; the text says why."""
