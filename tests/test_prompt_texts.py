"""Which texts a prompt holds: what fits, and no secrets."""

from collections.abc import Callable
from dataclasses import replace

from codestral_ls.context.prompt import (
    Sources,
    build_prompt,
    fitting_snippets,
    size_of,
)
from codestral_ls.context.secrets import PLACEHOLDER
from codestral_ls.context.tokens import TokenRates
from codestral_ls.engine.engine import Engine
from codestral_ls.errors import Refused, TooLong
from codestral_ls.model import Answer, Budget, Chunk, Nothing, Prompt, Reason, Snippet, Usage
from codestral_ls.settings import Settings
from tests.marked import BUDGET, request
from tests.scripted import ScriptedProvider, engine_for, scripted_provider

KEY = "sk_live_" + "4eC39HqLyjWDarjtT1zdp7dc"
SETTINGS = Settings(debounce_ms=0)
LONG = "\n".join(f"value_{n} = compute(first, second)" for n in range(300))
SNIPPETS = tuple(Snippet(path=f"m{n}.py", text=f"M = {n}\n" * 20) for n in range(10))


def asked(marked: str, budget: Budget = BUDGET, **options: object) -> Prompt:
    return build_prompt(request(marked), SETTINGS, budget, **options)  # type: ignore[arg-type]


def test_a_secret_does_not_stand_in_a_prompt() -> None:
    """Its place and all around it stay as they are."""
    prompt = asked(f'client = Client("{KEY}")\nclient.‸\nOTHER = "{KEY}"\n')
    assert KEY not in prompt.prefix + prompt.suffix
    assert PLACEHOLDER in prompt.prefix
    assert PLACEHOLDER in prompt.suffix
    assert len(prompt.prefix) == len(f'client = Client("{KEY}")\nclient.')
    assert prompt.redacted


def test_a_secret_around_the_cursor_is_hidden_on_both_sides() -> None:
    """It is one secret to whoever puts the two together."""
    prompt = asked(f'client = Client("{KEY[:20]}‸{KEY[20:]}")\n')
    assert KEY[10:20] not in prompt.prefix
    assert KEY[20:] not in prompt.suffix


def test_a_secret_in_a_snippet_is_hidden() -> None:
    """Whatever the index has made of it."""
    sources = Sources(path="a.py", snippets=(Snippet(path="b.py", text=f'K = "{KEY}"'),))
    prompt = asked("x = ‸\n", replace(BUDGET, snippet_chars=4000), sources=sources)
    assert KEY not in prompt.snippets[0].text
    assert prompt.redacted


def test_code_without_secrets_is_sent_as_it_is() -> None:
    """To the letter."""
    prompt = asked("token = get_token()\nx = ‸\n")
    assert prompt.prefix == "token = get_token()\nx = "
    assert not prompt.redacted


async def test_an_answer_that_repeats_a_placeholder_is_dropped() -> None:
    """Nobody wants it in their code."""
    script = ScriptedProvider(f'sk_live_{PLACEHOLDER * 3}")')
    engine = engine_for(script)
    outcome = await engine.complete(request(f'a = Client("{KEY}")\nb = Client("‸\n'))
    assert isinstance(outcome, Nothing)
    assert (outcome.reason, outcome.detail) == (Reason.SHAPED_AWAY, "placeholder of a secret")
    await engine.close()


async def test_where_nothing_was_hidden_the_word_may_be_written() -> None:
    """There is code about such things."""
    engine = engine_for(ScriptedProvider(f'"{PLACEHOLDER}")'))
    outcome = await engine.complete(request("print(‸\n"))
    assert isinstance(outcome, Answer)
    await engine.close()


def test_snippets_keep_to_their_budget_and_the_best_stay() -> None:
    """The last ones are the best."""
    size = SNIPPETS[0].chars
    assert fitting_snippets(SNIPPETS, 3 * size) == SNIPPETS[-3:]
    assert fitting_snippets(SNIPPETS, 3 * size - 1) == SNIPPETS[-2:]
    assert fitting_snippets(SNIPPETS, 0) == ()


def test_a_prompt_never_has_more_tokens_than_the_model_takes() -> None:
    """All its parts give way alike."""
    budget = replace(BUDGET, snippet_chars=4000, tokens=1200)
    sources = Sources(path="a.py", snippets=SNIPPETS)
    prompt = asked(f"{LONG}\nx = ‸\n{LONG}", budget, sources=sources)
    rates = TokenRates()
    assert rates.most_tokens("python", size_of(prompt)) + prompt.parameters.max_tokens <= 1200
    assert prompt.prefix.endswith("x = ")
    assert prompt.snippets
    assert len(prompt.prefix) > 300


def test_what_the_endpoint_has_counted_decides_what_fits() -> None:
    """Text that is denser than usual is sent in shorter pieces."""
    budget, dense = replace(BUDGET, tokens=5000), TokenRates()
    for _ in range(30):
        dense.learn("python", 8000, 6000)
    usual = asked(f"{LONG}\nx = ‸\n{LONG}", budget)
    assert len(asked(f"{LONG}\nx = ‸\n{LONG}", budget, rates=dense).prefix) < len(usual.prefix)


class Short:
    """A model that takes so many characters, and counts one token for two."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.sizes: list[int] = []

    async def ask(self, prompt: Prompt, more: Callable[[Chunk], bool]) -> None:
        self.sizes.append(len(prompt.prefix + prompt.suffix))
        if self.sizes[-1] > self.most:
            raise TooLong("too long")
        usage = Usage(prompt_tokens=self.sizes[-1] // 2)
        more(Chunk(text="ghost", finish_reason="stop", usage=usage))

    async def nothing(self) -> None:
        pass

    def engine(self) -> Engine:
        provider = scripted_provider(self.ask, self.nothing, self.nothing)
        return Engine(SETTINGS, lambda _: provider)


async def test_a_prompt_that_is_refused_as_too_long_is_halved_and_stays_so() -> None:
    """The user has the answer, and the next one at the first attempt."""
    model = Short(4500)
    engine = model.engine()
    outcome = await engine.complete(request(f"{LONG}\nx = ‸\n{LONG}"))
    again = await engine.complete(request(f"{LONG}\ny = ‸\n{LONG}"))
    assert isinstance(outcome, Answer)
    assert isinstance(again, Answer)
    assert len(model.sizes) == 3
    assert model.sizes[0] > 4500 > model.sizes[1] >= model.sizes[2] - 100 > 1500
    await engine.close()


async def test_what_is_too_long_even_then_is_told() -> None:
    """Once more by half, and no further."""
    model = Short(100)
    engine = model.engine()
    outcome = await engine.complete(request(f"{LONG}\nx = ‸\n{LONG}"))
    assert isinstance(outcome, Nothing)
    assert outcome.reason is Reason.REFUSED
    assert len(model.sizes) == 2
    assert issubclass(TooLong, Refused)
    await engine.close()
