"""The garbage collector's part in speed: pages of entries and the modules of a start are many objects and no cycles.

With Python's own thresholds the collector walks each page's thousands of objects dozens of times while they are made,
which costs more than reading them; and it walks every module of a start, though none will go.
"""

import gc

THRESHOLDS = (20_000, 50, 100)
"""In place of (700, 10, 10): about once for ten pages."""


def settle() -> None:
    """Leave what has been loaded alone for good, and look at what comes less often. Called once, after the imports."""
    gc.freeze()
    gc.set_threshold(*THRESHOLDS)
    gc.enable()
