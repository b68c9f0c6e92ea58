"""Layers that look at one example at a time, and their ways back, against PyTorch's."""

from collections.abc import Callable
from typing import Any

import numpy as np
import pytest

from builder import network as nn
from builder.network.arrays import Array
from tests.network.oracle.agreement import ROUNDING, assert_agreement, grid_points

torch = pytest.importorskip("torch")
pytestmark = pytest.mark.oracle

from tests.network.oracle.twins import (  # noqa: E402 - imports torch as well
    Twin,
    assert_twins_agree,
)

F = torch.nn.functional
