"""Markdown that would take the square of its length is given up."""

import threading

import pytest

from builder.render import patience
from builder.render.patience import TooSlowError, limited, seconds_for
from builder.render.post import Renderer
from tests.unit.render.renderers import render


def spin() -> None:
    while True:
        pass


def test_what_takes_too_long_ends() -> None:
    with pytest.raises(TooSlowError), limited(0.01):
        spin()


def test_a_limit_ends_with_what_it_is_for() -> None:
    with limited(0.05):
        pass

    sum(range(5_000_000))


def test_nothing_is_limited_in_a_thread() -> None:
    done = []

    def work() -> None:
        with limited(0.0001):
            done.append(sum(range(100_000)))

    thread = threading.Thread(target=work)
    thread.start()
    thread.join()

    assert done


def test_longer_texts_may_take_longer() -> None:
    assert seconds_for(0) < seconds_for(1_000_000) < seconds_for(10_000_000)


def test_a_flood_of_tags_is_a_problem_with_its_line_and_the_next_post_is_well(
    renderer: Renderer,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(patience, "_BASE_S", 0.05)

    flood, problems = render(renderer, "Text.\n\n" + "<a " * 6_000)
    after, none = render(renderer, "Text.")

    assert problems == [
        "posts/2026-11-23-sgd.md:6: takes far too long to render (is there something that "
        "begins again and again, such as brackets or tags?)"
    ]
    assert flood.article == '<p class="problem">takes far too long to render</p>'
    assert (after.article, none) == ("<p>Text.</p>", [])
