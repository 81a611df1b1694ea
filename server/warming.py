"""Compiling the kernels before the first person waits for them."""

import time

import structlog

from worldline.geometry import GeometryError
from worldline.geometry import warm as geometry
from worldline.tracking import TrackingError
from worldline.tracking import warm as tracking

_LOG = structlog.get_logger()


def warm_up() -> None:
    """Run every kernel once; what goes wrong is said in the log and does no harm."""
    begun = time.monotonic()
    try:
        geometry.warm_up()
        tracking.warm_up()
    except (GeometryError, TrackingError) as error:
        _LOG.warning("kernels could not be warmed", error=str(error))
    else:
        _LOG.debug("kernels are warm", seconds=round(time.monotonic() - begun, 1))
