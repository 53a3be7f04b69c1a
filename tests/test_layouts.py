"""Where lines of other files stand in what is sent."""

from dataclasses import replace

import pytest

from codestral_ls.fim.complaints import presentable
from codestral_ls.fim.dialects import DIALECTS, Target
from codestral_ls.fim.layouts import LAYOUTS, extra_input
from codestral_ls.model import Prompt, Snippet
from tests.fim_client import PROMPT

SNIPPETS = (
    Snippet(path="lib/util.py", text="def util():\n    ..."),
    Snippet(path="lib/other.py", text="OTHER = 1"),
)
SHOWN = replace(PROMPT, path="app/main.py", prefix="import util\n", snippets=SNIPPETS)

CODESTRAL = Target(model="codestral-2508")


def laid(name: str, prompt: Prompt = SHOWN) -> str:
    return LAYOUTS[name].before(prompt) + prompt.prefix


def test_codestral_gets_headers_with_paths() -> None:
    """To the blank: there is one behind the path of a snippet, and none behind the document's."""
    body = DIALECTS["mistral"].payload(SHOWN, CODESTRAL)
    assert body["prompt"] == (
        "+++++ lib/util.py \ndef util():\n    ...\n\n"
        "+++++ lib/other.py \nOTHER = 1\n\n"
        "+++++ app/main.py\nimport util\n"
    )
    assert body["suffix"] == SHOWN.suffix
    assert body["stop"] == ["\n+++++ "]


def test_without_snippets_there_is_nothing_but_the_document() -> None:
    """No header, and no stop for one."""
    body = DIALECTS["mistral"].payload(replace(SHOWN, snippets=()), CODESTRAL)
    assert body["prompt"] == "import util\n"
    assert "stop" not in body


def test_the_users_own_stops_come_before_the_header() -> None:
    """Where four are all that an endpoint takes, shaping ends a text at a header all the same."""
    own = replace(SHOWN.parameters, stop=("A", "B", "C", "D"))
    body = DIALECTS["mistral"].payload(replace(SHOWN, parameters=own), CODESTRAL)
    assert body["stop"] == ["A", "B", "C", "D"]


def test_models_of_repositories_get_their_tokens() -> None:
    """In front of the tokens for filling in."""
    assert laid("repository tokens") == (
        "<|repo_name|>workspace\n<|file_sep|>lib/util.py\ndef util():\n    ...\n"
        "<|file_sep|>lib/other.py\nOTHER = 1\n<|file_sep|>app/main.py\nimport util\n"
    )


@pytest.mark.parametrize(
    ("language", "line"),
    [
        ("python", "# OTHER = 1\n"),
        ("typescript", "// OTHER = 1\n"),
        ("lua", "-- OTHER = 1\n"),
        ("html", "<!-- OTHER = 1 -->\n"),
    ],
)
def test_other_models_get_comments_in_the_language_of_the_document(
    language: str, line: str
) -> None:
    """Whatever language the snippets are in."""
    prompt = replace(SHOWN, language=language)
    assert line in laid("comments", prompt)
    assert "Path: lib/util.py" in laid("comments", prompt)


def test_a_comment_is_not_ended_by_the_code_in_it() -> None:
    """Such a line is left out; what is behind it would be code."""
    text = "<!-- a -->\n<b/>"
    prompt = replace(SHOWN, language="html", snippets=(Snippet(path="x.html", text=text),))
    assert laid("comments", prompt) == "<!-- Path: x.html -->\n<!-- <b/> -->\nimport util\n"


def test_a_language_without_comments_gets_no_snippets() -> None:
    """They would read as text of the document."""
    assert laid("comments", replace(SHOWN, language="plaintext")) == "import util\n"


def test_llama_cpp_gets_a_field_of_its_own() -> None:
    """Its server knows how the model was trained."""
    assert extra_input(SNIPPETS)[1] == {"filename": "lib/other.py", "text": "OTHER = 1\n"}


def test_an_error_that_quotes_a_snippet_is_not_shown() -> None:
    """It is code as much as the document is."""
    assert presentable("bad input: def util():\n", SHOWN) == ""
