"""Constants of the 64-bit hash `kernels.mix`."""

import numpy as np

GOLDEN = np.uint64(0x9E3779B97F4A7C15)  # the golden ratio; the next two are Stafford's
STIR = np.uint64(0xBF58476D1CE4E5B9)
SHAKE = np.uint64(0x94D049BB133111EB)
HALF = np.uint64(32)
