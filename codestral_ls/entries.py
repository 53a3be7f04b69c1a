"""Lists of providers as settings have them: which entries are right, and what is wrong. Pure."""

from collections.abc import Collection

from codestral_ls.kinds import TEXTS, URL, Kind, Unfit, did_you_mean, split_entry


def entries(*names: str) -> Kind:
    """A list of NAME, NAME:MODEL, NAME@URL or NAME:MODEL@URL, each with one of the names."""

    def parse(value: object) -> tuple[str, ...]:
        try:
            found: tuple[str, ...] = TEXTS.parse(value)
        except Unfit:
            raise TypeError from None
        for entry in found:
            if why := _wrong_entry(entry, names):
                raise Unfit(why, part=entry)
        return found

    return Kind(
        "a list of NAME, NAME:MODEL, NAME@URL or NAME:MODEL@URL, with names of providers", parse
    )


def _wrong_entry(entry: str, names: Collection[str]) -> str:
    """What is wrong with an entry, "" if nothing is."""
    name, _, url = split_entry(entry)
    if name not in names:
        if "@" in name and name.partition("@")[0] in names:
            return _NO_SCHEME
        return did_you_mean(name, names) or f"the names are {', '.join(names)}"
    try:
        URL.parse(url)
    except Unfit as error:
        return str(error) or _NO_SCHEME
    return "it holds half a character" if _is_torn(entry) else ""


def _is_torn(entry: str) -> bool:
    try:
        entry.encode()
    except UnicodeEncodeError:
        return True
    return False


_NO_SCHEME = "its address needs http:// or https:// in front"
