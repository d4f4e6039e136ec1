"""Where the bands of money leave a node and arrive at one: in the order of the other ends, so that none cross there."""

from __future__ import annotations

import numpy as np

from fanzha.tracing.picture.ordering import Floats, Ints


def middles(mine: Ints, others: Ints, top: Floats, height: Floats, width: Floats) -> Floats:
    """The middle of each band (float64[e]) at the node that is its end in `mine`.

    `top`, `height`: float64[n] of the nodes' boxes; bands that would need more than the box share it.
    """
    order = np.lexsort((np.arange(len(mine)), top[others], mine))
    node, wide = mine[order], width[order]
    need = np.bincount(node, weights=wide, minlength=len(top))
    share = np.minimum(1.0, height / np.maximum(need, 1e-9))[node]
    behind = np.cumsum(wide) - wide
    first = np.searchsorted(node, node, side="left")
    found = np.empty(len(mine))
    found[order] = top[node] + (behind - behind[first] + wide / 2) * share
    return found
