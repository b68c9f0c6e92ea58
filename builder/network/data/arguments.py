"""Refuse what no data set can be drawn from."""


def require_at_least(least: float, **arguments: float) -> None:
    """Check arguments, given by their names.

    Raises:
        ValueError: One is less than `least`, or not a number.
    """
    for name, value in arguments.items():
        # Asked this way round, since NaN is neither less nor more.
        if not value >= least:
            raise ValueError(f"{name} must be at least {least}, got {value!r}")


def require_between_0_and_1(**arguments: float) -> None:
    """Check arguments, given by their names.

    Raises:
        ValueError: One is 0 or less, 1 or more, or not a number.
    """
    for name, value in arguments.items():
        if not 0 < value < 1:
            raise ValueError(f"{name} must lie between 0 and 1, got {value!r}")
