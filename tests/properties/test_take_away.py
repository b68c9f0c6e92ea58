"""Whatever is written leaves as a valid notebook and script, and comes back."""

import json
from typing import Any

import nbformat
from hypothesis import given
from hypothesis import strategies as st

from builder.export.notebook import to_notebook
from builder.export.script import to_script
from builder.importing.notebook import read_notebook, to_post
from builder.model import ExecutedPost
from tests.properties.laws import parse
from tests.properties.profile import SEARCH
from tests.properties.texts import bodies

_nbformat: Any = nbformat


@SEARCH
@given(bodies)
def test_any_post_is_a_valid_notebook_that_becomes_a_post(body: str) -> None:
    written = to_notebook(ExecutedPost(parse(f"---\n---\n{body}", []), ()))

    _nbformat.validate(_nbformat.reads(written, as_version=4))
    assert parse(to_post(read_notebook(written.encode(), "x.ipynb")), [])


@SEARCH
@given(bodies)
def test_any_post_is_a_script_of_comments_and_code(body: str) -> None:
    script = to_script(ExecutedPost(parse(f"---\n---\n{body}", []), ()))

    compile(script, "<script>", "exec")


@SEARCH
@given(
    st.lists(
        st.tuples(st.sampled_from(["markdown", "code", "raw"]), bodies | st.text()), max_size=4
    )
)
def test_any_notebook_becomes_a_post_that_is_parsed(cells: list[tuple[str, str]]) -> None:
    notebook = {
        "nbformat": 4,
        "nbformat_minor": 4,
        "metadata": {},
        "cells": [
            {"cell_type": kind, "metadata": {}, "source": source}
            | ({"outputs": [], "execution_count": None} if kind == "code" else {})
            for kind, source in cells
        ],
    }

    imported = read_notebook(json.dumps(notebook).encode(), "x.ipynb")

    assert parse(to_post(imported), [])
