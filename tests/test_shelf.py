"""Values that are kept for a while, within bounds."""

from codestral_ls.reuse.shelf import Shelf


def shelf_of(most: int = 100, most_size: int = 100) -> Shelf[str]:
    """Texts, of which the characters are counted."""
    return Shelf(most, most_size, lambda _, text: len(text))


def test_the_shelf_keeps_what_was_used_last() -> None:
    """Within its bounds of values and of their size."""
    shelf = shelf_of(most=2)
    for key in "ab":
        shelf.put(key, "text", until=5.0)
    assert shelf.get("a", 0.0) is not None
    shelf.put("c", "", until=5.0)
    assert [key for key in "abc" if shelf.get(key, 0.0) is not None] == ["a", "c"]
    assert shelf.get("a", 5.0) is None
    assert len(shelf) == 1
    narrow = shelf_of(most_size=10)
    for key, text in (("a", "1234"), ("b", "1234"), ("a", "12"), ("c", "1234"), ("d", "123456")):
        narrow.put(key, text, until=5.0)
    assert [key for key in "abcd" if narrow.get(key, 0.0)] == ["c", "d"]


def test_what_is_too_large_takes_nobodys_room() -> None:
    """It is not kept; what stood in its place is gone all the same."""
    shelf = shelf_of(most_size=4)
    for key in "ab":
        shelf.put(key, "12", until=5.0)
    shelf.put("a", "12345", until=5.0)
    assert [key for key in "ab" if shelf.get(key, 0.0)] == ["b"]
    shelf.put("c", "12", until=5.0)
    assert [key for key in "bc" if shelf.get(key, 0.0)] == ["b", "c"]
    shelf.clear()
    shelf.put("d", "1234", until=5.0)
    assert len(shelf) == 1
