"""Functions that look at a path and raise no audit event, made to tell which path it is."""

import os
import sys
from collections.abc import Callable
from typing import Any

_QUESTIONS = (
    *((os, name) for name in ("stat", "lstat", "access", "readlink")),
    *((os.path, name) for name in ("lexists", "islink")),
)
_ABILITIES = (
    os.supports_fd,
    os.supports_dir_fd,
    os.supports_follow_symlinks,
    os.supports_effective_ids,
)


def watch_questions(tell: Callable[[object], None]) -> None:
    """Let these functions tell what they are asked for; it cannot be undone in this process."""
    for module, name in _QUESTIONS:
        setattr(module, name, _telling(getattr(module, name), tell))


def _telling(ask: Callable[..., Any], tell: Callable[[object], None]) -> Callable[..., Any]:
    def asking(path: Any, *rest: Any, **options: Any) -> Any:
        # To follow links, `os.path` looks at all folders above: nobody has asked for those.
        is_wanted = sys._getframe(1).f_globals is not vars(os.path)  # noqa: SLF001  # who asks
        if is_wanted and options.get("dir_fd") is None:
            tell(path)
        return ask(path, *rest, **options)

    for able in _ABILITIES:
        if ask in able:
            able.add(asking)
    return asking
