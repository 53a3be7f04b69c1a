"""How many tokens a text will be counted for, learnt from what endpoints count. Pure."""

BYTES_PER_TOKEN = 3.0
"""Low for code (3.0 to 4.8 characters, measured), so that the estimate is rather too high."""
FEWEST, MOST = 1.0, 8.0
"""Bytes a token: what an endpoint counts beyond that is not the tokens of this prompt."""
SMALL_BYTES = 300
"""Of a prompt, whose fixed overhead of a few tokens tells too much."""
WEIGHT = 0.2
"""Of each new count: after five the first guess has a third of the weight."""
CAUTION = 1.5
"""Where too many tokens would be refused: dense JSON takes so many times the usual number."""


class TokenRates:
    """Bytes a token by language, as the endpoint's own counts have it so far."""

    def __init__(self) -> None:
        self._learnt: dict[str, float] = {}

    def learn(self, language: str, size: int, tokens: int) -> None:
        """Takes note of what a prompt of so many bytes was counted for."""
        if size < SMALL_BYTES or tokens <= 0 or not FEWEST <= size / tokens <= MOST:
            return
        before = self._learnt.get(language, BYTES_PER_TOKEN)
        self._learnt[language] = before + WEIGHT * (size / tokens - before)

    def tokens(self, language: str, size: int) -> int:
        """What so many bytes will most probably be counted for."""
        return round(size / self._learnt.get(language, BYTES_PER_TOKEN))

    def most_tokens(self, language: str, size: int) -> int:
        """What they are counted for at most."""
        return round(CAUTION * self.tokens(language, size))
