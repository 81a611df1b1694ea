"""Names for the arrays that geometry and the layers above it pass around.

A shape stands first in each docstring, as in ``(N, 3) float32, world, metres``.
"""

from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray

Float32s: TypeAlias = NDArray[np.float32]
Float64s: TypeAlias = NDArray[np.float64]
Floats: TypeAlias = NDArray[np.float32] | NDArray[np.float64]
Int64s: TypeAlias = NDArray[np.int64]
Int32s: TypeAlias = NDArray[np.int32]
Bools: TypeAlias = NDArray[np.bool_]
