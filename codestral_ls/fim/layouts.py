"""Where snippets from other files stand in a prompt. Pure.

Fill-in-the-middle models have no field for other files. What is known to work differs by model:
headers with paths (Codestral), special tokens (Qwen and others that were trained on repositories),
a field of the request (llama.cpp, whose server knows its model's form), and comments, which every
model can read.
"""

from collections.abc import Callable
from dataclasses import replace
from typing import NamedTuple

from codestral_ls.lexes import lexis_of
from codestral_ls.model import Prompt, Snippet


class Layout(NamedTuple):
    """What goes before the prefix, for prompts with snippets, and where the model has to stop.

    `outside` says that it stands before the control tokens of a template too.
    """

    before: Callable[[Prompt], str]
    stop: str
    outside: bool = False


HEADER = "+++++ "


def headers(prompt: Prompt) -> str:
    """Codestral's form, as editors use it: each file below a line with its path.

    The blank behind a snippet's path and none behind the document's are part of the form.
    """
    files = [f"{HEADER}{each.path} \n{each.text}\n\n" for each in prompt.snippets]
    return "".join([*files, f"{HEADER}{prompt.path}\n"])


def repository_tokens(prompt: Prompt) -> str:
    """Qwen's form for several files; what the repository is called is not told."""
    files = [f"<|file_sep|>{each.path}\n{each.text}\n" for each in prompt.snippets]
    return "".join(["<|repo_name|>workspace\n", *files, f"<|file_sep|>{prompt.path}\n"])


def comments(prompt: Prompt) -> str:
    """Every line a comment in the document's language; nothing where it has no comments."""
    lexis = lexis_of(prompt.language)
    marks = [(mark, "") for mark in lexis.line_comments] or list(lexis.block_comments)
    if not marks:
        return ""
    (begin, end), *_ = marks
    lines: list[str] = []
    for each in prompt.snippets:
        lines += [f"Path: {each.path}", *each.text.split("\n")]
    # Code that would end the comment in the middle is left out.
    whole = [line for line in lines if not end or end not in line]
    return "".join(f"{begin} {line} {end}".rstrip() + "\n" for line in whole)


LAYOUTS = {
    "headers": Layout(headers, f"\n{HEADER}"),
    "repository tokens": Layout(repository_tokens, "<|file_sep|>", outside=True),
    "comments": Layout(comments, ""),
}


def with_snippets(prompt: Prompt, layout: Layout) -> Prompt:
    """The prompt with its snippets in the prefix, and with the stop that belongs to them."""
    if not prompt.snippets:
        return prompt
    stops = (*prompt.parameters.stop, layout.stop)
    return replace(
        prompt,
        prefix=layout.before(prompt) + prompt.prefix,
        snippets=(),
        parameters=replace(prompt.parameters, stop=stops),
    )


def extra_input(snippets: tuple[Snippet, ...]) -> list[dict[str, str]]:
    """The field `input_extra` of llama.cpp's `/infill`."""
    return [{"filename": each.path, "text": each.text + "\n"} for each in snippets]
