"""Where an address on a page leads."""

from pathlib import Path

import pytest

from builder.cache.store import Store
from builder.checking.built import Built, Elsewhere, Place
from builder.checking.facts import Facts
from builder.config import SiteConfig

PAGE = '<article><p id="here">x</p></article>'


@pytest.fixture
def built(tmp_path: Path) -> Built:
    for name in ("index.html", "a/index.html", "a/b/index.html", "ä b/index.html", "x.html"):
        path = tmp_path / "site" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(PAGE, encoding="utf-8")
    (tmp_path / "site/a/data.csv").write_text("1", encoding="utf-8")
    config = SiteConfig(url="https://ada.example", base_path="/ml")
    return Built(tmp_path / "site", config, Facts(Store(tmp_path), ""))


@pytest.mark.parametrize(
    ("target", "path"),
    [
        ("/ml/", "index.html"),
        ("/ml", "index.html"),
        ("/ml/a/", "a/index.html"),
        ("/ml/a", "a/index.html"),
        ("/ml/a/b/?q=1", "a/b/index.html"),
        ("/ml/x.html", "x.html"),
        ("/ml/%C3%A4%20b/", "ä b/index.html"),
        ("/ml/a/../x.html", "x.html"),
        ("https://ada.example/ml/a/", "a/index.html"),
        ("HTTP://ADA.example/ml/a/", "a/index.html"),
        ("//ada.example/ml/a/", "a/index.html"),
        ("", "a/b/index.html"),
        ("#here", "a/b/index.html"),
        ("?page=2", "a/b/index.html"),
        (".", "a/b/index.html"),
        ("..", "a/index.html"),
        ("../", "a/index.html"),
        ("../data.csv", "a/data.csv"),
        ("../../../../x.html", "x.html"),
    ],
)
def test_an_address_leads_to_a_file(built: Built, target: str, path: str) -> None:
    lead = built.lead("a/b/index.html", target)

    assert isinstance(lead, Place)
    assert lead.path == path
    assert built.is_there(lead)
    assert built.has_fragment(lead)


@pytest.mark.parametrize("target", ["/ml/b/", "/ml/a/data", "x.html", "/ml/A/", "/ml/x/"])
def test_an_address_may_lead_to_none(built: Built, target: str) -> None:
    lead = built.lead("a/index.html", target)

    assert isinstance(lead, Place)
    assert not built.is_there(lead)


@pytest.mark.parametrize(
    ("target", "url"),
    [
        ("https://other.example/x#y", "https://other.example/x"),
        ("//other.example/x", "https://other.example/x"),
        ("https://ada.example/other/", "https://ada.example/other/"),
        ("/other/", "https://ada.example/other/"),
        ("mailto:a@ada.example", None),
        ("data:image/png;base64,AAAA", None),
        ("tel:+1", None),
    ],
)
def test_other_addresses_lead_off_the_site(built: Built, target: str, url: str | None) -> None:
    assert built.lead("index.html", target) == Elsewhere(url)


def test_what_is_no_address_leads_nowhere(built: Built) -> None:
    assert built.lead("index.html", "http://[x") is None


@pytest.mark.parametrize(
    ("target", "is_there"),
    [
        ("/ml/a/#here", True),
        ("/ml/a/#h%65re", True),
        ("/ml/a/#top", True),
        ("/ml/a/#:~:text=x", True),
        ("/ml/a/data.csv#row=2", True),
        ("/ml/a/#Here", False),
        ("#there", False),
    ],
)
def test_a_fragment_names_an_id(built: Built, target: str, is_there: bool) -> None:
    lead = built.lead("index.html", target)

    assert isinstance(lead, Place)
    assert built.has_fragment(lead) is is_there


def test_pages_are_read_again_only_when_they_have_changed(tmp_path: Path) -> None:
    read: list[str] = []
    store = Store(tmp_path)

    def of(name: str, stamp: str) -> str:
        facts = Facts(store, "this program")

        def make() -> str:
            read.append(stamp)
            return stamp.upper()

        told = facts.of(name, stamp, make)
        facts.keep()
        return str(told)

    assert [of("a", "one"), of("a", "one"), of("a", "two")] == ["ONE", "ONE", "TWO"]
    assert read == ["one", "two"]
    assert Facts(store, "another one").of("a", "two", lambda: "new") == "new"
