from builder.render.tokens import Insert, Tokens

INSERT = Insert("<div>block</div>", "<i>inline</i>", 'a "text" & more')


def test_a_placeholder_becomes_what_fits_its_place() -> None:
    tokens = Tokens()
    token = tokens.add(INSERT)

    assert tokens.to_html(f"<p>{token}</p>") == "<div>block</div>"
    assert tokens.to_html(f"<p>a {token}</p>") == "<p>a <i>inline</i></p>"
    assert tokens.to_html(f'<img alt="{token}">') == ('<img alt="a &quot;text&quot; &amp; more">')
    assert tokens.to_text(f"a {token}") == 'a a "text" & more'


def test_what_is_put_in_is_not_searched_for_placeholders() -> None:
    tokens = Tokens()
    inner = tokens.add(INSERT)
    outer = tokens.add(Insert(f"<pre>{inner}</pre>", inner, inner))

    assert tokens.to_html(f"<p>{outer}</p>\n{outer}") == f"<pre>{inner}</pre>\n{inner}"


def test_characters_of_the_author_are_no_placeholder() -> None:
    tokens = Tokens()
    tokens.add(INSERT)

    assert tokens.to_html(tokens.escape("\ue0000\ue001 a")) == "\ue0000\ue001 a"


def test_a_footnote_that_ends_with_a_block_keeps_its_way_back_in_a_paragraph() -> None:
    tokens = Tokens()
    page = f'<p>{tokens.add(INSERT)}&#160;<a class="footnote-backref" href="#x">b</a></p>'

    assert tokens.to_html(page) == (
        '<div>block</div><p>&#160;<a class="footnote-backref" href="#x">b</a></p>'
    )
