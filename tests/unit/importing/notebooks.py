"""Notebooks for the tests of what becomes a post."""

from typing import Any

import nbformat

from builder.importing.notebook import ImportedPost, read_notebook

_nbformat: Any = nbformat  # its functions have no types


def text(source: str, **more: object) -> Any:
    return _nbformat.v4.new_markdown_cell(source, **more)


def code(source: str, *tags: str) -> Any:
    return _nbformat.v4.new_code_cell(source, metadata={"tags": list(tags)} if tags else {})


def raw(source: str, **metadata: str) -> Any:
    return _nbformat.v4.new_raw_cell(source, metadata=metadata)


def notebook(*cells: Any, **metadata: object) -> bytes:
    made = _nbformat.v4.new_notebook(cells=list(cells), metadata=metadata)
    return str(_nbformat.writes(made)).encode()


def imported(*cells: Any, **metadata: object) -> ImportedPost:
    return read_notebook(notebook(*cells, **metadata), "my_notebook.ipynb")


def body_of(*cells: Any) -> str:
    post = imported(*cells)
    assert post.notes == ()
    return post.body
