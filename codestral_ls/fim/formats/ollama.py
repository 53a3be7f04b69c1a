"""Ollama's `POST /api/generate`: a stream of JSON lines. Pure.

It tokenizes the code together with the template of the model, control tokens and all, so that code
which looks like one is broken up here too.
"""

from typing import Any

from codestral_ls.errors import Refused, Unavailable
from codestral_ls.fim.complaints import Complaint
from codestral_ls.fim.formats.replies import count_in, json_object, text_in
from codestral_ls.fim.formats.terms import Hint, ListedModel, Target, chosen, scalar_text
from codestral_ls.fim.layouts import LAYOUTS, with_snippets
from codestral_ls.fim.templates import defused, family_of, laid_out
from codestral_ls.model import Chunk, Prompt, Usage

KEPT = "30m"
"""How long the model stays in memory: by itself five minutes, shorter than a pause for thought."""
CONTEXTS = (8192, 16_384, 32_768, 65_536, 131_072)
"""Tokens. Another number makes Ollama load the model anew, so only few of them are ever asked for;
the first one holds what is sent by default. Its own number may be 4096, and it cuts silently."""
BYTES_PER_TOKEN = 2
"""Rather too few: only dense JSON and scripts other than Latin have tokens as short."""


def layout(prompt: Prompt, target: Target) -> Prompt:
    """The whole text for a template that is set, or else code with comments in front of it.

    Raises:
        Refused: what is set is no template.
    """
    if target.template:
        return laid_out(prompt, target)
    family = family_of(target)
    plain = defused(prompt, family.control_tokens) if family else defused(prompt)
    return with_snippets(plain, LAYOUTS["comments"])


def body(prompt: Prompt, target: Target) -> dict[str, Any]:
    """The question: raw if it is written by a template that is set.

    Without a suffix Ollama would take the prefix for a message of a chat, and without a prefix it
    would only load the model.
    """
    sampling = prompt.parameters
    text = {"raw": True} if target.template else {"suffix": scalar_text(prompt.suffix) or "\n"}
    return {
        "model": target.model,
        "prompt": scalar_text(prompt.prefix) or "\n",
        **text,
        "stream": True,
        "keep_alive": KEPT,
        "options": {
            "num_predict": sampling.max_tokens,
            "temperature": sampling.temperature,
            "num_ctx": _context(prompt),
            **chosen(top_p=sampling.top_p, seed=sampling.random_seed, stop=list(sampling.stop)),
        },
    }


def load(target: Target) -> dict[str, Any]:
    """A request without a prompt, which makes Ollama load the model and is answered when it has.

    With the same context as the questions, or the first of these would load it anew.
    """
    return {
        "model": target.model,
        "stream": False,
        "keep_alive": KEPT,
        "options": {"num_ctx": CONTEXTS[0]},
    }


def _context(prompt: Prompt) -> int:
    size = len(scalar_text(prompt.prefix + prompt.suffix).encode())
    needed = size // BYTES_PER_TOKEN + prompt.parameters.max_tokens
    return next((enough for enough in CONTEXTS if enough >= needed), CONTEXTS[-1])


def read(line: str) -> Chunk:
    """Reads a line of the stream or a whole reply; the last one says `"done": true`.

    Raises:
        BrokenReply: it is not JSON, or not an object.
        Complaint: an error that came after the 200.
    """
    reply = json_object(line)
    if said := text_in(reply, "error"):
        raise Complaint(Unavailable, "The endpoint reports an error{said}.", said)
    if reply.get("done") is not True:
        return Chunk(text=text_in(reply, "response"))
    return Chunk(
        text=text_in(reply, "response"),
        finish_reason=text_in(reply, "done_reason") or "stop",
        usage=Usage(
            prompt_tokens=count_in(reply, "prompt_eval_count"),
            completion_tokens=count_in(reply, "eval_count"),
        ),
    )


def read_model(text: str, model: str) -> tuple[ListedModel, ...]:
    """The reply of `POST /api/show`, which does not repeat the model's name.

    Raises:
        BrokenReply: it is not JSON, or not an object.
    """
    reply = json_object(text)
    able = reply.get("capabilities")
    details = reply.get("model_info")
    spellings = details if isinstance(details, dict) else {}
    lengths = (count_in(details, key) for key in spellings if key.endswith(".context_length"))
    return (
        ListedModel(
            id=model,
            fim="insert" in able if isinstance(able, list) else None,
            context=next(lengths, 0),
        ),
    )


HINTS = (
    Hint(
        400,
        r"does not support insert",
        Refused,
        'The model "{model}" at {host} cannot fill in: its template has no place for the text '
        "behind the cursor. Set `model` to one that can (qwen2.5-coder:1.5b, codestral:22b, "
        "starcoder2:3b, codellama:7b-code), or `fim_template` to its family, to ask it without "
        "that template.",
    ),
    Hint(
        404,
        r"(?i)model",
        Refused,
        '{host} does not have the model "{model}". Get it with `ollama pull {model}`, or set '
        "`model` to one that `ollama list` shows.",
    ),
    Hint(
        500,
        r"(?i)requires more system memory",
        Refused,
        'The model "{model}" is too large for {host}{said}. Set `model` to a smaller one.',
    ),
)
