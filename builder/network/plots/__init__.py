"""Pictures of networks, of training and of what was learned.

    nn.plots.decision_boundary(model, X, y, ax=ax)

Every picture is drawn on `ax`, by default the current axes, and returns it. A name is
imported when it is first used, and Matplotlib when something is drawn.
"""

from typing import TYPE_CHECKING, Final

from builder.network.lazy import lazy_names

if TYPE_CHECKING:
    from builder.network.plots.boundary import decision_boundary as decision_boundary
    from builder.network.plots.flow import activations as activations
    from builder.network.plots.flow import gradients as gradients
    from builder.network.plots.graph import network as network
    from builder.network.plots.matrices import attention as attention
    from builder.network.plots.matrices import confusion_matrix as confusion_matrix
    from builder.network.plots.mosaics import feature_maps as feature_maps
    from builder.network.plots.mosaics import filters as filters
    from builder.network.plots.planes import Plane as Plane
    from builder.network.plots.planes import random_plane as random_plane
    from builder.network.plots.planes import trajectory_plane as trajectory_plane
    from builder.network.plots.surfaces import loss_contours as loss_contours
    from builder.network.plots.surfaces import loss_surface as loss_surface
    from builder.network.plots.surfaces import path as path
    from builder.network.plots.training import history as history

_HOMES: Final = {
    "boundary": "decision_boundary",
    "flow": "activations gradients",
    "graph": "network",
    "matrices": "attention confusion_matrix",
    "mosaics": "feature_maps filters",
    "planes": "Plane random_plane trajectory_plane",
    "surfaces": "loss_contours loss_surface path",
    "training": "history",
}

__all__ = list(lazy_names(__name__, _HOMES, "nn.plots"))
