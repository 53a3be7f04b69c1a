"""What the endpoint writes, and where it stops."""

import pytest

from . import Behaviour
from .generation import Generation, generate, tokenize
from .schema import FimRequest


def _generate(text: str | None = None, **parameters: object) -> Generation:
    fields = {"model": "codestral-2508", "prompt": "a = ", "suffix": "\n", **parameters}
    return generate(FimRequest.model_validate(fields), Behaviour(text=text))


def _text(generation: Generation) -> str:
    return "".join(generation.pieces)


@pytest.mark.parametrize("text", ["", "return a + b", "\n\n    é😀\u2028naïveté --> x\t\r\n"])
def test_tokens_add_up_to_the_text(text: str) -> None:
    """Nothing is lost between tokens, and none is long."""
    tokens = tokenize(text)
    assert "".join(tokens) == text
    assert all(1 <= len(token) <= 5 for token in tokens)


def test_text_is_determined_by_prompt_suffix_and_seed() -> None:
    """The same question has the same answer; other questions have others."""
    assert _generate() == _generate()
    assert len({_text(_generate(prompt=f"{number}")) for number in range(20)}) > 1
    assert len({_text(_generate(suffix=f"{number}")) for number in range(20)}) > 1
    assert len({_text(_generate(random_seed=number)) for number in range(20)}) > 1


def test_text_can_be_computed() -> None:
    """A function of prompt and suffix writes the text; no suffix is the empty one."""
    request = FimRequest(model="codestral-2508", prompt="a", suffix=None)
    behaviour = Behaviour(text=lambda prompt, suffix: f"{prompt}|{suffix}|")
    assert _text(generate(request, behaviour)) == "a||"


def test_prompt_tokens_are_estimated_from_bytes() -> None:
    """A third of the UTF-8 length, rounded up, and three control tokens."""
    assert _generate(prompt="é" * 3, suffix="x").usage["prompt_tokens"] == 3 + 3


@pytest.mark.parametrize(
    ("limit", "expected"), [(0, ""), (1, "retu"), (2, "return"), (9, "return a")]
)
def test_max_tokens_ends_by_length(limit: int, expected: str) -> None:
    """A text longer than allowed ends in a token, one that just fits ends by itself."""
    generation = _generate("return a", max_tokens=limit)
    assert _text(generation) == expected
    assert generation.finish_reason == ("stop" if limit == 9 else "length")


def test_min_tokens_lengthens_the_text() -> None:
    """The model may not be done too soon."""
    assert len(_generate("x", min_tokens=30).pieces) == 30
    assert len(_generate("", min_tokens=1).pieces) == 1


@pytest.mark.parametrize(
    ("stop", "expected"),
    [("rn a", "retu"), (["nope", "+", "a"], "return "), ("", "return a + b"), ("return", "")],
)
def test_stop_cuts_the_text_and_the_bill(stop: str | list[str], expected: str) -> None:
    """The earliest stop ends the text before it, in the middle of tokens too."""
    generation = _generate("return a + b", stop=stop)
    assert _text(generation) == expected
    assert generation.finish_reason == "stop"
    # The stop itself had to be generated to be seen.
    assert generation.usage["completion_tokens"] >= len([it for it in generation.pieces if it])


def test_stop_beyond_max_tokens_is_never_reached() -> None:
    """Length comes first if it comes first."""
    assert _generate("return a + b", stop="b", max_tokens=2).finish_reason == "length"
