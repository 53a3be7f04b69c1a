"""What a prompt will cost in tokens."""

import pytest

from codestral_ls.context.tokens import BYTES_PER_TOKEN, TokenRates


def test_nothing_learnt_means_three_bytes_a_token() -> None:
    """Before the first reply there is only what is usual."""
    assert TokenRates().tokens("python", 3000) == 1000


def test_the_estimate_follows_what_the_endpoint_counts() -> None:
    """By language: JSON is denser than Python."""
    rates = TokenRates()
    for _ in range(40):
        rates.learn("json", 8000, 4000)
    assert rates.tokens("json", 8000) == pytest.approx(4000, rel=0.01)
    assert rates.tokens("python", 3000) == 3000 / BYTES_PER_TOKEN


@pytest.mark.parametrize(
    ("size", "tokens"), [(100, 60), (8000, 0), (8000, -1), (8000, 100_000), (8000, 10)]
)
def test_counts_that_cannot_be_of_this_prompt_teach_nothing(size: int, tokens: int) -> None:
    """Some endpoints count nothing, or what they have cached."""
    rates = TokenRates()
    rates.learn("python", size, tokens)
    assert rates.tokens("python", 3000) == 1000


def test_where_too_many_would_be_refused_the_estimate_is_cautious() -> None:
    """A prompt is rather too short than refused."""
    assert TokenRates().most_tokens("python", 3000) == 1500
