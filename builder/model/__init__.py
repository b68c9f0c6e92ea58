"""The values that pass along the line, one type per stage.

    Source -> ParsedPost -> ExecutedPost -> RenderedPost -> OutputFile

All are frozen: a stage makes a new value and never completes an old one.
"""

from builder.errors import Location
from builder.model.options import (
    ANY_ERROR,
    BlockOptions,
    Scalar,
    Setting,
    tell_scalar,
    tell_setting,
)
from builder.model.pages import ExecutedPost, OutputFile, RenderedPost
from builder.model.places import Places
from builder.model.post import (
    INLINE_VALUE,
    Caption,
    CodeBlock,
    Dollar,
    Formula,
    FrontMatter,
    InlineValue,
    LineMarks,
    Listing,
    Origin,
    ParsedPost,
    Part,
    PostTarget,
    Prose,
    Source,
    Step,
    Stretch,
    Trial,
    ValueGroup,
    plain,
)
from builder.model.results import (
    FIGURE_DARK,
    FIGURE_LIGHT,
    TRACEBACK,
    BlockResult,
    Display,
    Failure,
    Output,
    Stream,
    Theme,
    themed,
)
from builder.model.values import Values

__all__ = [
    "ANY_ERROR",
    "FIGURE_DARK",
    "FIGURE_LIGHT",
    "INLINE_VALUE",
    "TRACEBACK",
    "BlockOptions",
    "BlockResult",
    "Caption",
    "CodeBlock",
    "Display",
    "Dollar",
    "ExecutedPost",
    "Failure",
    "Formula",
    "FrontMatter",
    "InlineValue",
    "LineMarks",
    "Listing",
    "Location",
    "Origin",
    "Output",
    "OutputFile",
    "ParsedPost",
    "Part",
    "Places",
    "PostTarget",
    "Prose",
    "RenderedPost",
    "Scalar",
    "Setting",
    "Source",
    "Step",
    "Stream",
    "Stretch",
    "Theme",
    "Trial",
    "ValueGroup",
    "Values",
    "plain",
    "tell_scalar",
    "tell_setting",
    "themed",
]
