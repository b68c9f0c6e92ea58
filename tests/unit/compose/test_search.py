"""The search: what is indexed, that an edit gives the same files as a build from nothing, and
the script, run for real over the files that were made.
"""

import json
import random
import re
from dataclasses import replace
from datetime import date
from pathlib import Path

import pytest
import quickjs

from builder.cache.store import Store
from builder.compose.search import SearchPost, search_files
from builder.compose.search_text import sections, words_of
from builder.dates import in_words

SCRIPT = Path(__file__).parents[3] / "assets/js/alone/search.js"
FORMULA = (
    '<span class="math math-wide"><span class="math-numbered"><svg><path d="M1"/></svg></span>'
    '<span class="math-spoken"><math><mi>spoken</mi></math></span>'
    '<span class="math-tex" aria-hidden="true">$H &lt; tex$</span></span>'
)
VOCABULARY = (
    "kernel kernels momentum gradient gradients descent dying die dies lying lie network loss "
    "the of and Größe größer naïve x² 機械学習 и й я don't learning learned rate relu2 " + "z" * 50
).split()


class Stores:
    """New stores below one folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._count = folder, 0

    def new(self) -> Store:
        self._count += 1
        return Store(self._folder / str(self._count))


@pytest.fixture
def stores(tmp_path: Path) -> Stores:
    return Stores(tmp_path)


def make_post(article: str, title: str = "A title", tags: tuple[str, ...] = ()) -> SearchPost:
    name = "-".join(words_of(title))
    return SearchPost(
        href=f"/{name}/",
        title=title,
        day="2026-11-21",
        excerpt=f"About {title}",
        tags=tags,
        key=repr((article, title, tags)),
        load=lambda: article,
    )


def made(posts: list[SearchPost], store: Store, language: str = "en") -> dict[str, bytes]:
    files = search_files(posts, language, "search", store)
    assert len({file.path for file in files}) == len(files)
    return {file.path.name: file.content for file in files}


# Sections


def test_sections_begin_at_headings_with_an_id() -> None:
    found = sections(
        '<p>Above.</p><h2 id="a-b">First &amp; <em>last</em></h2><p>Text be<b>low</b></p>'
        '<h5 id="no">small</h5><h3>bare</h3>'
    )

    assert [(s.id, s.heading, s.words) for s in found] == [
        ("", "", ("above",)),
        ("a-b", "First & last", ("text", "below", "small", "bare")),
    ]


def test_formulas_are_no_words_but_stand_in_headings() -> None:
    display = FORMULA.replace("<span", '<div tabindex="0"', 1).replace(
        '0" class="math ', '0" class="'
    )
    display = '<div class="math math-display"' + FORMULA[len('<span class="math math-wide"') : -7]
    found = sections(f'<p>one {FORMULA}two</p>{display}</div><h2 id="h">If {FORMULA}</h2>three')

    assert [(s.heading, s.heading_words, s.words) for s in found] == [
        ("", (), ("one", "two")),
        ("If $H < tex$", ("if",), ("three",)),
    ]


def test_what_blocks_print_is_left_out_and_captions_are_not() -> None:
    found = sections(
        '<div class="cell"><pre class="code" tabindex="0"><code><span class="n">learning_rate'
        '</span> <span class="o">=</span> 12 <span>&lt;b&gt;</span></code></pre>'
        '<pre class="output stdout"><samp>printed</samp></pre>'
        '<details class="fold"><summary>Output, 300 lines</summary>'
        '<pre class="output stdout"><samp>much</samp></pre></details>'
        '<div class="result html"><div>inner</div><div>rest</div></div>'
        '<div class="ran-in">ran in 0.05 s</div></div>'
        '<figure class="sweep"><figure><img alt="alternative"><figcaption>panel</figcaption>'
        "</figure><figcaption>whole <em>sweep</em></figcaption></figure><p>after</p>"
    )

    assert [(s.words, s.code) for s in found] == [
        (("panel", "whole", "sweep", "after"), ("learning", "rate"))
    ]


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("Größe, NAÏVE “quotes”", ["große", "naive", "quotes"]),
        ("don't a_b", ["don"]),
        ("機械 learning学", ["機", "械", "learning", "学"]),
        ("x² = 10 ﬁt", ["x2", "10", "fit"]),
        ("İstanbul", ["istanbul"]),
        ("", []),
    ],
)
def test_words_are_letters_and_digits_without_accents(text: str, words: list[str]) -> None:
    assert words_of(text) == words


@pytest.mark.parametrize("article", ["<figure>", "<pre", '<span class="math">', "<h2 id=", "a < b"])
def test_what_does_not_end_is_read_all_the_same(article: str) -> None:
    assert len(sections(article)) == 1


# Files


def test_a_site_without_posts_has_a_search_that_finds_nothing(stores: Stores) -> None:
    files = made([], stores.new())

    assert list(files) == ["meta.json"]
    assert json.loads(files["meta.json"])["posts"] == 0


def test_a_group_says_its_words_and_where_they_stand(stores: Stores) -> None:
    files = made([make_post("<p>kernel</p>"), make_post("<p>kernels</p>")], stores.new())

    assert json.loads(files["ke.json"]) == {"kernel": "kernel:1 kernels:1|1D1D"}
    assert json.loads(files["words-7.json"]) == "kernels"


def test_a_group_stands_wherever_one_of_its_words_begins(stores: Stores) -> None:
    files = made([make_post("<p>he lies, lying</p>")], stores.new())

    assert json.loads(files["li.json"])["lie"] == json.loads(files["ly.json"])["lie"]


def test_a_title_is_kept_as_it_is(stores: Stores) -> None:
    title = "</script>\"'\\ <b>&amp; 学"
    files = made([make_post('<h2 id="é">Ü</h2>', title)], stores.new())

    assert json.loads(files["posts-0.json"]) == [
        [title, "/script-amp-学/", "2026-11-21", f"About {title}", [["é", "Ü"]]]
    ]


def test_an_article_is_loaded_only_if_its_key_is_new(stores: Stores) -> None:
    loaded: list[str] = []

    def counted(name: str) -> SearchPost:
        def load() -> str:
            loaded.append(name)
            return f"<p>{name}</p>"

        return replace(make_post("", name), load=load)

    store = stores.new()
    made([counted("one"), counted("two")], store)
    made([counted("two"), counted("three"), counted("one")], store)

    assert loaded == ["one", "two", "three"]


def random_post(chance: random.Random) -> SearchPost:
    def words(count: int) -> str:
        return " ".join(chance.choices(VOCABULARY, k=count))

    parts = [
        f'<h2 id="s{n}">{words(2)}</h2><p>{words(chance.randrange(30))}</p>'
        f'<pre class="code"><code>{words(chance.randrange(5))}</code></pre>'
        for n in range(chance.choice([0, 1, 3, 9]))
    ]
    return make_post("".join(parts), words(2), (words(1),))


def edit(posts: list[SearchPost], chance: random.Random) -> None:
    kind = chance.choices(["append", "exchange", "insert", "remove", "href"], [4, 6, 1, 1, 1])[0]
    place = chance.randrange(len(posts) + 1)
    if kind == "append":
        posts.append(random_post(chance))
    elif kind == "insert":
        posts.insert(place, random_post(chance))
    elif place == len(posts):
        return
    elif kind == "exchange":
        posts[place] = random_post(chance)
    elif kind == "remove":
        del posts[place]
    else:
        post = posts[place]
        posts[place] = replace(post, href=post.href + "new/")


@pytest.mark.parametrize("seed", range(8))
def test_edits_give_the_same_files_as_a_build_from_nothing(stores: Stores, seed: int) -> None:
    chance = random.Random(seed)
    store, posts = stores.new(), [random_post(chance) for _ in range(chance.randrange(20))]
    for _ in range(12):
        for _ in range(chance.randrange(4)):
            edit(posts, chance)

        files = search_files(posts, "en", "search", store)
        anew = search_files(posts, "en", "search", stores.new())

        assert [(f.path, f.content) for f in files] == [(f.path, f.content) for f in anew]
        assert [f.key for f in files] == [f.key for f in anew]  # type: ignore[union-attr]


def many_words(count: int) -> str:
    letters = "bcdfghjklmnp"
    words = [f"ke{x}{y}{z}{z}" for x in letters for y in letters for z in letters]
    return f"<p>{' '.join(words[:count])}</p>"


def test_a_large_file_is_published_in_parts(stores: Stores) -> None:
    few, many = make_post("<p>kernel</p>", "Kept"), make_post(many_words(1700), "Many")
    store = stores.new()
    for posts in ([few], [few, many], [make_post(many_words(3), "Kept"), many], [few, few], []):
        files = made(posts, store)

        assert files == made(posts, stores.new())
        assert ("ke.json" in files) is (many not in posts and posts != [])
        assert ("ke-b.json" in files) is (many in posts)


def test_an_edit_looks_at_no_other_post(stores: Stores) -> None:
    loaded: list[str] = []

    def counted(name: str) -> SearchPost:
        def load() -> str:
            loaded.append(name)
            return f"<p>{name}</p>"

        return replace(make_post("", name), load=load)

    store, names = stores.new(), ["one", "two", "three", "four"]
    search_files([counted(name) for name in names[:3]], "en", "search", store)
    for path in kept_files(store):
        if "search-terms" in path.parts:
            path.unlink()
    search_files([counted(name) for name in names], "en", "search", store)

    assert loaded == names


def kept_files(store: Store) -> list[Path]:
    return [path for path in sorted(store.folder.rglob("*")) if path.is_file()]


@pytest.mark.parametrize("is_removed", [True, False])
def test_what_is_missing_or_damaged_is_made_anew(stores: Stores, is_removed: bool) -> None:
    chance = random.Random(5)
    posts = [random_post(chance) for _ in range(6)]
    changed = [*posts[:3], random_post(chance), *posts[4:]]
    expected = made(posts, stores.new()), made(changed, stores.new())
    whole = stores.new()
    made(posts, whole)
    for number in range(len(kept_files(whole))):
        store = stores.new()
        made(posts, store)
        path = kept_files(store)[number]
        path.unlink() if is_removed else path.write_bytes(path.read_bytes()[:-1])

        assert (made(posts, store), made(changed, store)) == expected


def test_builds_with_other_settings_do_not_spoil_each_other(stores: Stores) -> None:
    chance = random.Random(7)
    posts = [random_post(chance) for _ in range(9)]
    store = stores.new()
    for own, language in ((posts, "en"), (posts[:7], "en"), (posts, "de"), (posts, "xx")) * 2:
        assert made(own, store, language) == made(own, stores.new(), language)


def test_files_made_late_are_those_of_their_build(stores: Stores) -> None:
    chance = random.Random(9)
    store, posts = stores.new(), [random_post(chance) for _ in range(9)]
    made(posts, store)
    files = search_files(posts, "en", "search", store)
    made(posts[1:], store)

    assert {file.path.name: file.content for file in files} == made(posts, stores.new())


# The script


class Page:
    """The script, with these files to fetch."""

    def __init__(self, files: dict[str, bytes]) -> None:
        self.fetched: list[str] = []
        self._files = files
        self._context = quickjs.Context()
        self._context.add_callable("readFile", self._read)
        self._context.eval(re.sub(r"^export ", "", SCRIPT.read_text(), flags=re.MULTILINE))
        self._context.eval(
            "globalThis.fetch = async (url) => { const text = readFile(url);"
            " return { ok: text !== null, status: 404, json: async () => JSON.parse(text) }; };"
            "const ask = openIndex('/search/'); let answer;"
        )

    def _read(self, url: str) -> str | None:
        name = url.removeprefix("/search/").partition("?")[0]
        self.fetched.append(name)
        content = self._files.get(name)
        return content.decode() if content is not None else None

    def run(self, expression: str) -> object:
        return json.loads(self._context.eval(f"JSON.stringify({expression})"))

    def ask(self, question: str) -> dict[str, object]:
        self._context.eval(
            f"answer = null; ask({json.dumps(question)}).then((a) => {{ answer = a; }},"
            " (e) => { answer = { error: String(e) }; }); 0"
        )
        while self._context.execute_pending_job():
            pass
        found = self.run("answer")
        assert isinstance(found, dict)
        return found

    def titles(self, question: str) -> list[str]:
        results = self.ask(question)["results"]
        assert isinstance(results, list)
        return [result["title"] for result in results]


@pytest.fixture
def page(stores: Stores) -> Page:
    posts = [
        make_post(
            "<p>A ball with momentum rolls.</p>"
            '<h2 id="step-size">The step size</h2><p>How the learning rate is chosen.</p>',
            "Momentum",
            ("optimization",),
        ),
        make_post(
            f"<p>{'momentum ' * 40}</p><h2 id='k'>Of momentum</h2><p>A kernel, a convolution.</p>",
            "Convolutions and kernel functions",
        ),
        make_post("<p>Größe und Wärme, 機械学習 in Worten. Many kernels.</p>", "Über <b>Maße</b>"),
        make_post("<p>The rate of a network is learned.</p>", "Rates", ("optimization",)),
    ]
    return Page(made(posts, stores.new()))


def test_a_title_counts_more_than_any_text(page: Page) -> None:
    assert page.titles("momentum") == [
        "Momentum",
        "Convolutions and kernel functions",
    ]


def test_other_forms_of_a_word_are_found(page: Page) -> None:
    assert page.titles("kernels") == page.titles("kernel")
    assert len(page.titles("kernels")) == 2


def test_the_section_with_all_words_is_linked_to(page: Page) -> None:
    results = page.ask("chosen rate")["results"]

    assert isinstance(results, list)
    assert results[0] == {
        "title": "Momentum › The step size",
        "href": "/momentum/#step-size",
        "day": "2026-11-21",
        "excerpt": "About Momentum",
    }


def test_the_last_word_may_be_unfinished(page: Page) -> None:
    assert page.titles("mome") == page.titles("momentum")
    assert page.titles("rolls mome") == ["Momentum"]
    assert page.titles("mome rolls") == ["Momentum"], "posts with most of the words"


@pytest.mark.parametrize("typo", ["momntum", "momentumm", "momemtum", "mometnum"])
def test_a_wrong_letter_is_mended(page: Page, typo: str) -> None:
    answer = page.ask(f"{typo} ball")

    assert answer["mended"] == "momentum ball"
    assert answer["count"] == 1
    assert not [name for name in page.fetched if name.startswith("words-")]


@pytest.mark.parametrize("typo", ["omentum", "nomentum", "ommentum", "ymomentum"])
def test_a_wrong_letter_at_the_beginning_is_mended(page: Page, typo: str) -> None:
    assert page.ask(typo)["mended"] == "momentum"
    assert page.titles(typo) == page.titles("momentum")


@pytest.mark.parametrize("question", ["größe", "GROSSE Größe", "warme", "Wärme", "学習", "maße"])
def test_accents_and_characters_are_found(page: Page, question: str) -> None:
    assert page.titles(question)[0] == "Über <b>Maße</b>"


@pytest.mark.parametrize("question", ["", "zzzzzz", "?", "a", "__proto__", "constructor"])
def test_nothing_is_found_for_what_is_not_there(page: Page, question: str) -> None:
    assert page.ask(question)["results"] == []


def test_only_files_that_are_there_are_fetched(page: Page) -> None:
    for question in ("momentum", "momentum", "zz", "qqqqqq"):
        page.ask(question)

    assert page.fetched == ["meta.json", "mo.json", "posts-0.json", *page.fetched[3:]]
    assert len(set(page.fetched)) == len(page.fetched)


@pytest.mark.parametrize("text", [*VOCABULARY, "don't a_b", "x² = 10 ﬁt", "İstanbul 한국 ガム"])
def test_the_script_and_the_builder_find_the_same_words(page: Page, text: str) -> None:
    assert page.run(f"wordsOf({json.dumps(text)})") == words_of(text)


def test_results_tell_days_as_pages_do(page: Page) -> None:
    days = [date(2026, month, month) for month in range(1, 13)] + [date(987, 4, 17)]

    assert [page.run(f"inWords('{day}')") for day in days] == [in_words(day) for day in days]
    assert page.run("inWords('2026-04-17')") == "17 April 2026"


def test_words_in_parts_of_a_file_are_found(stores: Stores) -> None:
    page = Page(
        made([make_post(many_words(1700), "Many"), make_post("<p>kernel</p>")], stores.new())
    )

    assert page.titles("kernel") == page.titles("kern") == ["A title"]
    assert page.titles("kebbdd") == page.titles("kebbd") == page.titles("kzbbdd") == ["Many"]


def test_the_script_decodes_many_sections(stores: Stores) -> None:
    many = "".join(
        f'<h2 id="s{n}">H{n}x</h2><p>{"needle" if n == 37 else ""}</p>' for n in range(50)
    )
    page = Page(made([make_post("<p>other</p>"), make_post(many)], stores.new()))

    assert page.titles("needle") == ["A title › H37x"]
