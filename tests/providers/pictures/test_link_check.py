import pytest

from core.model.errors import LinkUnusable, PictureUnusable
from providers.pictures.link_check import check_link
from tests.providers.looking import inspect
from tests.providers.pictures.drawings import drawing, noise


@pytest.mark.parametrize(("kind", "media_type"), [("PNG", "image/png"), ("JPEG", "image/jpeg")])
async def test_a_good_picture_stays_as_it_is(kind: str, media_type: str) -> None:
    data = drawing(400, 300, kind)

    picture = await inspect(data)

    assert (picture.data, picture.media_type, picture.is_converted) == (data, media_type, False)


async def test_a_picture_that_weighs_too_much_is_made_lighter() -> None:
    heavy = noise(2400, 1600)

    picture = await inspect(heavy)

    assert len(heavy) > 10_000_000 >= len(picture.data)
    assert picture.is_converted


async def test_a_huge_picture_is_made_smaller_when_it_has_to_be_converted_anyway() -> None:
    picture = await inspect(drawing(6000, 3000, "WEBP"))

    assert (picture.width, picture.height) == (4096, 2048)


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not a picture"),
        (b"<svg xmlns='http://www.w3.org/2000/svg'/>", "Use a JPEG, PNG, WebP or GIF"),
        (b"\x89PNG\r\n\x1a\n" + b"\0" * 50, "not a picture"),
        (drawing(400, 300)[:-40], "not a picture"),
        (drawing(100, 100), "at least 300"),
        (drawing(10_000, 9_000, "GIF", mode="1"), "50 megapixels"),
        (b"\xff" * 50_000_001, "at most 50 MB"),
        (b"\0\0\0\x18ftypheic\0\0\0\0mif1heic" + b"\0" * 400, "Use a JPEG, PNG, WebP or GIF"),
        (drawing(1, 1), "at least 300"),
    ],
    ids=["empty", "svg", "torn", "cut", "small", "bomb", "heavy", "heic", "one pixel"],
)
async def test_what_cannot_be_used_is_refused_with_what_is_allowed(data: bytes, words: str) -> None:
    with pytest.raises(PictureUnusable, match=words):
        await inspect(data)


@pytest.mark.parametrize(
    "link",
    [
        "https://example.com/a.png",
        "https://example.com:443/a.png?x=1",
        " <https://example.com/a.png> ",
        "https://bücher.example/a.png",
        "https://xn--bcher-kva.example/a.png",
        "https://cdn.discordapp.com/attachments/1/2/a.png?ex=1&is=2&hm=3",
    ],
)
def test_a_public_link_is_taken(link: str) -> None:
    assert check_link(link).startswith("https://")


@pytest.mark.parametrize(
    "link",
    [
        "",
        "boat.png",
        "http://example.com/a.png",
        "ftp://example.com/a.png",
        "file:///etc/passwd",
        "data:image/png;base64,AAAA",
        "javascript:alert(1)",
        "https://",
        "https:///a.png",
        "https://localhost/a.png",
        "https://intranet/a.png",
        "https://127.0.0.1/a.png",
        "https://2130706433/a.png",
        "https://0x7f.1/a.png",
        "https://[::1]/a.png",
        "https://[::ffff:169.254.169.254]/a.png",
        "https://93.184.215.14/a.png",
        "https://example.com:8443/a.png",
        "https://example.com:80/a.png",
        "https://user@example.com/a.png",
        "https://user:pw@example.com/a.png",
        "https://example.com\\@evil.example/a.png",
        "https://exa mple.com/a.png",
        "https://example.com/\n.png",
        "https://example.com/" + "a" * 2048,
        "https://[::1/a.png",
    ],
)
def test_any_other_link_is_refused(link: str) -> None:
    with pytest.raises(LinkUnusable):
        check_link(link)


def test_a_stand_in_may_be_private_when_it_is_listed() -> None:
    assert check_link("http://127.0.0.1:8200/a.png", {"127.0.0.1:8200"}) == "http://127.0.0.1:8200/a.png"
    with pytest.raises(LinkUnusable):
        check_link("http://127.0.0.1:8201/a.png", {"127.0.0.1:8200"})


@pytest.mark.parametrize("own", ["https://videos.example", "https://club.example/films"])
@pytest.mark.parametrize(
    "spelt", ["{}/v/abc", "{}/v/abc.mp4", "{}/%76/abc", "{}/v/abc/boat.png", "{}/x/../v/abc"]
)
def test_a_link_to_a_video_of_ours_is_no_picture(own: str, spelt: str) -> None:
    with pytest.raises(LinkUnusable, match="leads to a video of mine"):
        check_link(spelt.format(own), own=own)


@pytest.mark.parametrize("link", ["https://VIDEOS.example:443/v/a", "https://videos.example./v/a"])
def test_it_is_known_in_any_spelling_of_our_name(link: str) -> None:
    with pytest.raises(LinkUnusable, match="leads to a video of mine"):
        check_link(link, own="https://videos.example")


def test_other_pages_of_a_site_that_we_share_may_have_pictures() -> None:
    link = "https://club.example/filmstrips/v/a.png"

    assert check_link(link, own="https://club.example/films") == link
