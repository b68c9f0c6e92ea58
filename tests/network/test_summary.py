"""A model's table."""

import numpy as np
import pytest

from builder import network as nn


def test_a_summary_tells_layers_shapes_and_parameters() -> None:
    model = nn.Sequential(
        nn.Conv2D(8, 3, padding=1), nn.ReLU(), nn.MaxPool2D(), nn.Flatten(), nn.Dense(10)
    )

    summary = model.summary((1, 8, 8))

    assert repr(summary) == (
        "layer                      output        parameters\n"
        "---------------------------------------------------\n"
        "0 Conv2D(8, 3, padding=1)  (N, 8, 8, 8)          80\n"
        "1 ReLU()                   (N, 8, 8, 8)\n"
        "2 MaxPool2D(2)             (N, 8, 4, 4)\n"
        "3 Flatten()                (N, 128)\n"
        "4 Dense(10)                (N, 10)            1,290\n"
        "---------------------------------------------------\n"
        "all                                           1,370"
    )


def test_a_summary_goes_into_parts_and_counts_shared_layers_once() -> None:
    shared = nn.Dense(4)
    model = nn.Sequential(shared, nn.Residual(shared, nn.Tanh()), nn.Dense(1))

    rows = model.summary((4,)).rows

    assert rows == (
        ("0 Dense(4)", "(N, 4)", "20"),
        ("1 Residual", "(N, 4)", ""),
        ("  1.0 Dense(4)", "(N, 4)", "shared"),
        ("  1.1 Tanh()", "(N, 4)", ""),
        ("2 Dense(1)", "(N, 1)", "5"),
    )
    assert model.summary((4,)).parameters == 25


def test_a_summary_tells_each_place_of_a_layer_that_appears_twice() -> None:
    relu = nn.ReLU()

    rows = nn.Sequential(nn.Dense(8), relu, nn.Dense(4), relu).summary((2,)).rows

    assert [shape for _, shape, _ in rows] == ["(N, 8)", "(N, 8)", "(N, 4)", "(N, 4)"]


def test_a_summary_leaves_the_model_unbuilt() -> None:
    model = nn.Sequential(nn.Dense(3))

    model.summary((2,))

    assert not model.is_built


def test_a_summary_of_a_model_that_knows_its_inputs_asks_for_nothing() -> None:
    model = nn.Sequential(nn.Dense(3))
    model(np.zeros((1, 2)))

    assert model.summary().parameters == 9
    assert nn.Dense(3, inputs=2).summary().rows == (("Dense(3, inputs=2)", "(N, 3)", "9"),)


def test_a_summary_without_inputs_is_refused() -> None:
    with pytest.raises(nn.BuildError):
        nn.Sequential(nn.Dense(3)).summary()


def test_a_summary_is_a_table_in_html_and_escapes_what_layers_say() -> None:
    class Odd(nn.Tanh):
        def __repr__(self) -> str:
            return "<Odd & even>"

    html = nn.Sequential(nn.Dense(3), nn.Sequential(Odd())).summary((2,))._repr_html_()

    assert html.startswith("<table><thead><tr><th>layer</th><th>output</th>")
    assert "&lt;Odd &amp; even&gt;" in html
    assert '<td class="align-right" style="text-align: right">9</td>' in html
    assert html.count("<tr>") == 5
