"""Prompts with a model's own control tokens, by family."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from codestral_ls.errors import Refused
from codestral_ls.fim.dialects import DIALECTS, Target
from codestral_ls.fim.templates import FAMILIES, Family, defused, lacks, laid_out
from codestral_ls.model import Prompt, Snippet
from tests.fim_client import PROMPT

ASKED = replace(PROMPT, path="app/main.py", prefix="a(", suffix=")\n")
SNIPPETS = (Snippet(path="lib/util.py", text="def util():\n    ..."),)
SHOWN = replace(ASKED, snippets=SNIPPETS)
TOKENS = sorted({token for family in FAMILIES for token in family.control_tokens})


def asked(model: str = "", template: str = "", prompt: Prompt = ASKED) -> str:
    return laid_out(prompt, Target(model=model, template=template)).prefix


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("mistralai/Codestral-22B-v0.1", "[SUFFIX])\n[PREFIX]a("),
        ("Qwen/Qwen2.5-Coder-7B", "<|fim_prefix|>a(<|fim_suffix|>)\n<|fim_middle|>"),
        ("google/codegemma-2b", "<|fim_prefix|>a(<|fim_suffix|>)\n<|fim_middle|>"),
        ("ibm-granite/granite-4.0-h-tiny", "<|fim_prefix|>a(<|fim_suffix|>)\n<|fim_middle|>"),
        ("bigcode/starcoder2-3b", "<fim_prefix>a(<fim_suffix>)\n<fim_middle>"),
        ("stabilityai/stable-code-3b", "<fim_prefix>a(<fim_suffix>)\n<fim_middle>"),
        ("codellama:7b-code", "<PRE> a( <SUF>)\n <MID>"),
        ("meta/CodeLlama-7b-hf", "<PRE> a( <SUF>)\n <MID>"),
        (
            "deepseek-ai/DeepSeek-Coder-V2-Lite-Base",
            "<｜fim▁begin｜>a(<｜fim▁hole｜>)\n<｜fim▁end｜>",  # noqa: RUF001 - they are the tokens
        ),
        ("ByteDance-Seed/Seed-Coder-8B-Base", "<[fim-prefix]>a(<[fim-suffix]>)\n<[fim-middle]>"),
        ("zai-org/codegeex4-all-9b", "<|code_prefix|>a(<|code_suffix|>)\n<|code_middle|>"),
        ("mercury-coder", "a(<|fim_suffix|>)\n<|fim_middle|>"),
    ],
)
def test_the_models_name_tells_the_template(model: str, expected: str) -> None:
    """To the character: blanks and full-width bars matter, and who comes first."""
    assert asked(model) == expected


def test_a_family_can_be_named_whatever_the_model_is_called() -> None:
    """Servers give models any name."""
    assert asked("mine", "Codestral") == asked("codestral")
    assert asked("codestral", "qwen") == asked("qwen2.5-coder")


def test_a_template_of_ones_own_is_taken_as_it_is() -> None:
    """Its places in any order; its tokens end an answer, and no code can have them."""
    template = "<S>{suffix}<P>{prefix}<M>"
    prompt = replace(ASKED, prefix="x = <S>{suffix}(")
    laid = laid_out(prompt, Target(model="mine", template=template))
    assert laid.prefix == "<S>)\n<P>x = < S>{suffix}(<M>"
    assert laid.suffix == ""
    assert set(laid.parameters.stop) == {"<S>", "<P>", "<M>"}


def test_places_in_the_code_are_code() -> None:
    """A text of a program may well hold `{suffix}`."""
    prompt = replace(ASKED, prefix='"{suffix}{prefix}"', suffix='"{prefix}"')
    expected = '<|fim_prefix|>"{suffix}{prefix}"<|fim_suffix|>"{prefix}"<|fim_middle|>'
    assert asked("qwen", prompt=prompt) == expected


@pytest.mark.parametrize(
    ("model", "template", "words"),
    [
        ("", "", "Set `model`"),
        ("gpt-oss-20b", "", "`fim_template`"),
        ("gpt-oss-20b", "", '"starcoder"'),
        ("qwen", "quen", "`{prefix}`"),
        ("qwen", "<P>{prefix}<M>", "`{suffix}`"),
    ],
)
def test_without_a_template_nothing_is_asked(model: str, template: str, words: str) -> None:
    """A wrong one would bring nonsense, so it is said what can be set."""
    target = Target(model=model, template=template)
    assert words in lacks(target)
    with pytest.raises(Refused, match="fim_template"):
        DIALECTS["template"].payload(ASKED, target)


def test_other_files_stand_where_the_models_have_seen_them() -> None:
    """Qwen's before all control tokens, Codestral's behind its own, all others in comments."""
    assert asked("qwen", prompt=SHOWN) == (
        "<|repo_name|>workspace\n<|file_sep|>lib/util.py\ndef util():\n    ...\n"
        "<|file_sep|>app/main.py\n<|fim_prefix|>a(<|fim_suffix|>)\n<|fim_middle|>"
    )
    assert asked("codestral", prompt=SHOWN) == (
        "[SUFFIX])\n[PREFIX]+++++ lib/util.py \ndef util():\n    ...\n\n+++++ app/main.py\na("
    )
    assert asked("starcoder2", prompt=SHOWN).startswith("<fim_prefix># Path: lib/util.py\n# def")


@pytest.mark.parametrize("family", FAMILIES, ids=lambda family: family.name)
def test_the_users_own_stops_come_first(family: Family) -> None:
    """Behind them those of the family, of which a server may take a few only."""
    own = replace(SHOWN, parameters=replace(SHOWN.parameters, stop=("A",)))
    stops = laid_out(own, Target(model="", template=family.name)).parameters.stop
    assert stops[0] == "A"
    assert set(family.stops) < set(stops)


def test_codestral_rambles_after_an_empty_suffix() -> None:
    """Others have learnt what the end of a file is."""
    assert asked("codestral", prompt=replace(ASKED, suffix="")) == "[SUFFIX]\n[PREFIX]a("
    assert "<fim_suffix><fim_middle>" in asked("starcoder", prompt=replace(ASKED, suffix=""))


MARKED = st.lists(st.sampled_from([*TOKENS, "<", "|", "a", "\n", " ", "["])).map("".join)


@given(family=st.sampled_from(FAMILIES), before=MARKED, behind=MARKED, other=MARKED, path=MARKED)
def test_no_code_becomes_a_control_token(
    family: Family, before: str, behind: str, other: str, path: str
) -> None:
    """Of the family that is asked; nothing but blanks is added, and twice changes nothing."""
    snippets = (Snippet(path=path, text=other),)
    prompt = replace(ASKED, prefix=before, suffix=behind, path=path, snippets=snippets)
    plain = defused(prompt, family.control_tokens)
    texts = (plain.prefix, plain.suffix, plain.path, plain.snippets[0].text, plain.snippets[0].path)
    assert not any(token in text for token in family.control_tokens for text in texts)
    for text, original in zip(texts, (before, behind, path, other, path), strict=True):
        assert text.replace(" ", "") == original.replace(" ", "")
    assert defused(plain, family.control_tokens) == plain


def test_what_looks_like_a_control_token_is_broken_up_visibly() -> None:
    """What a model copies from there into a completion can be seen."""
    prompt = replace(ASKED, prefix="x = settings[PREFIX] # <|fim_middle|>")
    assert "x = settings[ PREFIX] # <|fim_middle|>" in asked("codestral", prompt=prompt)
    assert "x = settings[PREFIX] # < |fim_middle|>" in asked("qwen", prompt=prompt)


def test_ollama_reads_control_tokens_too() -> None:
    """It tokenizes the code together with the template, also of models of unknown family."""
    prompt = replace(SHOWN, prefix="<|fim_middle|>", suffix="<EOT>")
    body = DIALECTS["ollama"].payload(prompt, Target(model="qwen2.5-coder:1.5b"))
    assert body["prompt"].endswith("< |fim_middle|>")
    assert body["suffix"] == "<EOT>"
    body = DIALECTS["ollama"].payload(prompt, Target(model="mine"))
    assert (body["prompt"][-15:], body["suffix"]) == ("< |fim_middle|>", "< EOT>")


@pytest.mark.parametrize("name", ["mistral", "llama.cpp", "chat", "openai"])
def test_elsewhere_code_is_sent_as_it_is(name: str) -> None:
    """These take it for plain text."""
    prompt = replace(ASKED, prefix="[PREFIX]<|fim_middle|>")
    target = Target(model="codestral", template="codestral")
    assert "[PREFIX]<|fim_middle|>" in str(DIALECTS[name].payload(prompt, target))


def test_what_a_blank_makes_of_a_token_is_none_either() -> None:
    """Signs in a row hold one wherever they are broken up."""
    own = Target(model="mine", template="<<{prefix}<<<{suffix}|")
    laid = laid_out(replace(ASKED, prefix="<<<<<", suffix="x|"), own)
    assert laid.prefix == "<<< < < < <<<<x||"
    assert laid.parameters.stop == ("<<", "<<<")


def test_a_single_sign_of_a_template_ends_no_answer() -> None:
    """Code is full of it."""
    laid = laid_out(ASKED, Target(model="mine", template="{prefix}|{suffix}"))
    assert (laid.prefix, laid.parameters.stop) == ("a(|)\n", ())


@pytest.mark.parametrize(
    ("family", "token"),
    [
        ("codestral", "[TOOL_CALLS]"),
        ("qwen", "<tool_call>"),
        ("starcoder", "<filename>"),
        ("starcoder", "<gh_stars>"),
        ("deepseek", "<|EOT|>"),
    ],
)
def test_tokens_that_have_nothing_to_do_with_filling_in_are_broken_up_too(
    family: str, token: str
) -> None:
    """They end no answer: no model writes them there."""
    laid = laid_out(replace(ASKED, prefix=token), Target(model="", template=family))
    assert token not in laid.prefix
    assert token not in laid.parameters.stop
