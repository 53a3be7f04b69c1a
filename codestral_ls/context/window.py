"""Prefix and suffix within a budget. Pure."""

from codestral_ls.model import Budget


def cut_window(prefix: str, suffix: str, budget: Budget) -> tuple[str, str]:
    """Keeps what is nearest to the cursor, whole lines as far as the cursor's own line allows."""
    return _last_lines(prefix, budget.prefix_chars), _first_lines(suffix, budget.suffix_chars)


def _last_lines(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    start = len(text) - most
    line_start = text.find("\n", start - 1) + 1  # 0 if the cut falls into the cursor's own line
    return text[line_start or start :]


def _first_lines(text: str, most: int) -> str:
    if len(text) <= most:
        return text
    return text[: text.rfind("\n", 0, most) + 1 or most]
