"""How models are asked that have no field for the text behind the cursor, by family. Pure.

The code stands between control tokens of the model in one prompt. A server that tokenizes such a
prompt makes control tokens of every text that looks like one, so a text of the user's code that
does is broken up by a blank: `<|fim_middle|>` becomes `< |fim_middle|>`. A blank, because what the
model copies from there into a completion shall be visible.
"""

import re
from dataclasses import dataclass, replace

from codestral_ls.errors import Refused
from codestral_ls.fim.formats.terms import Target
from codestral_ls.fim.layouts import LAYOUTS, Layout
from codestral_ls.model import Prompt, Snippet


@dataclass(frozen=True, slots=True, kw_only=True)
class Family:
    """Models that were trained alike. `models` is a pattern of their names.

    `stops` are what ends an answer, the likeliest first; `reserved` are further control tokens.
    `blank` stands in the place of an empty suffix.
    """

    name: str
    models: str
    template: str
    stops: tuple[str, ...]
    layout: Layout = LAYOUTS["comments"]
    reserved: tuple[str, ...] = ()
    blank: str = ""

    @property
    def control_tokens(self) -> tuple[str, ...]:
        """What the user's code must not hold."""
        literals = (part.strip() for part in _PLACES.split(self.template))
        tokens = {*literals, *self.stops, *self.reserved} - {"", "{prefix}", "{suffix}"}
        return tuple(sorted(tokens))

    def filled(self, prefix: str, suffix: str) -> str:
        """The template with the code in it."""
        parts = {"{prefix}": prefix, "{suffix}": suffix or self.blank}
        return "".join(parts.get(part, part) for part in _PLACES.split(self.template))


_PLACES = re.compile(r"(\{prefix\}|\{suffix\})")
_BARRED = "<|fim_prefix|>{prefix}<|fim_suffix|>{suffix}<|fim_middle|>"
_BARRED_STOPS = ("<|endoftext|>", "<|fim_prefix|>", "<|fim_suffix|>", "<|fim_middle|>")

FAMILIES = (
    Family(
        name="codestral",
        models=r"codestral|mistral",
        template="[SUFFIX]{suffix}[PREFIX]{prefix}",
        stops=("[PREFIX]", "[SUFFIX]"),
        layout=LAYOUTS["headers"],
        reserved=("<s>", "</s>", "[MIDDLE]", "[INST]", "[/INST]", "[TOOL_CALLS]"),
        blank="\n",  # Codestral rambles after an empty suffix
    ),
    Family(
        name="qwen",
        models=r"qwen",
        template=_BARRED,
        stops=(
            *(*_BARRED_STOPS, "<|fim_pad|>", "<|repo_name|>", "<|file_sep|>"),
            *("<|im_start|>", "<|im_end|>"),
        ),
        layout=LAYOUTS["repository tokens"],
        reserved=("<tool_call>",),
    ),
    Family(
        name="codegemma",
        models=r"codegemma",
        template=_BARRED,
        stops=("<|file_separator|>", "<end_of_turn>", "<eos>", *_BARRED_STOPS[1:]),
        reserved=("<bos>", "<start_of_turn>"),
    ),
    Family(
        name="granite",
        models=r"granite",
        template=_BARRED,
        stops=("<|end_of_text|>", *_BARRED_STOPS),
        reserved=("<|fim_pad|>", "<|start_of_role|>", "<|end_of_role|>"),
    ),
    Family(
        name="starcoder",
        models=r"star-?coder|stable-?code",
        template="<fim_prefix>{prefix}<fim_suffix>{suffix}<fim_middle>",
        stops=("<|endoftext|>", "<file_sep>", "<fim_prefix>", "<fim_suffix>", "<fim_middle>"),
        reserved=("<fim_pad>", "<repo_name>", "<filename>", "<gh_stars>"),
    ),
    Family(
        name="codellama",
        models=r"code-?llama",
        template="<PRE> {prefix} <SUF>{suffix} <MID>",  # the blanks matter
        stops=("<EOT>", "<PRE>", "<SUF>", "<MID>"),
        reserved=("<s>", "</s>"),
    ),
    Family(
        name="deepseek",
        models=r"deepseek",
        # Full-width bars (U+FF5C) and U+2581; look-alikes of ASCII are no control tokens.
        template="<\uff5cfim\u2581begin\uff5c>{prefix}<\uff5cfim\u2581hole\uff5c>{suffix}"
        "<\uff5cfim\u2581end\uff5c>",
        stops=(
            "<\uff5cend\u2581of\u2581sentence\uff5c>",
            "<\uff5cfim\u2581begin\uff5c>",
            "<\uff5cfim\u2581hole\uff5c>",
            "<\uff5cfim\u2581end\uff5c>",
        ),
        reserved=("<\uff5cbegin\u2581of\u2581sentence\uff5c>", "<|EOT|>"),
    ),
    Family(
        name="seed-coder",
        models=r"seed-?coder",
        template="<[fim-prefix]>{prefix}<[fim-suffix]>{suffix}<[fim-middle]>",
        stops=("<[end▁of▁sentence]>", "<[fim-prefix]>", "<[fim-suffix]>", "<[fim-middle]>"),
    ),
    Family(
        name="glm",
        models=r"glm|codegeex",
        template="<|code_prefix|>{prefix}<|code_suffix|>{suffix}<|code_middle|>",
        stops=("<|endoftext|>", "<|code_prefix|>", "<|code_suffix|>", "<|code_middle|>"),
    ),
    Family(
        name="mercury",
        models=r"mercury",
        template="{prefix}<|fim_suffix|>{suffix}<|fim_middle|>",
        stops=("<|endoftext|>", "<|fim_suffix|>", "<|fim_middle|>"),
    ),
)
_NAMES = ", ".join(f'"{family.name}"' for family in FAMILIES)
_EVERY_TOKEN = tuple(dict.fromkeys(each for it in FAMILIES for each in it.control_tokens))


def lacks(target: Target) -> str:
    """Why nothing can be asked of a model by a template, and what to do; "" if it can be."""
    if family_of(target) is not None:
        return ""
    if target.template:
        return (
            "`fim_template` is neither the name of a family nor a text with `{prefix}` and "
            f"`{{suffix}}`. The families are {_NAMES}."
        )
    advice = (
        f"`fim_template` to its family, which is one of {_NAMES}, or to a text with `{{prefix}}` "
        "and `{suffix}`."
    )
    if not target.model:
        return f"Which model is asked is not known. Set `model` to its name, or {advice}"
    return f'How the model "{target.model}" fills in is not known. Set {advice}'


def family_of(target: Target) -> Family | None:
    """The family that is asked: the one that is set, or the one that the model's name tells."""
    chosen = target.template.strip()
    if not chosen:
        fitting = (it for it in FAMILIES if re.search(it.models, target.model, re.IGNORECASE))
        return next(fitting, None)
    named = next((it for it in FAMILIES if it.name == chosen.lower()), None)
    if named is None and {"{prefix}", "{suffix}"} <= set(_PLACES.findall(chosen)):
        # Of a template of the user's, every token may end an answer, but a sign is none.
        own = Family(name="", models="", template=target.template, stops=())
        return replace(own, stops=tuple(it for it in own.control_tokens if len(it) > 1))
    return named


def laid_out(prompt: Prompt, target: Target) -> Prompt:
    """The prompt whose prefix is all that is sent: template, other files and code.

    Raises:
        Refused: no template is known for the model.
    """
    family = family_of(target)
    if family is None:
        raise Refused(lacks(target))
    plain = defused(prompt, family.control_tokens)
    before = family.layout.before(plain) if plain.snippets else ""
    within, outside = ("", before) if family.layout.outside else (before, "")
    stops = (*([family.layout.stop] if before and family.layout.stop else []), *family.stops)
    return replace(
        plain,
        prefix=outside + family.filled(within + plain.prefix, plain.suffix),
        suffix="",
        snippets=(),
        parameters=replace(prompt.parameters, stop=(*prompt.parameters.stop, *stops)),
    )


def defused(prompt: Prompt, tokens: tuple[str, ...] = _EVERY_TOKEN) -> Prompt:
    """The prompt without any text that a server could take for a control token."""
    found = re.compile("|".join(re.escape(token) for token in tokens if len(token) > 1) or r"(?!)")

    def plain(text: str) -> str:
        while found.search(text):  # what is behind the blank may be another one
            text = found.sub(lambda it: f"{it[0][0]} {it[0][1:]}", text)
        return text

    return replace(
        prompt,
        path=plain(prompt.path),
        prefix=plain(prompt.prefix),
        suffix=plain(prompt.suffix),
        snippets=tuple(Snippet(path=plain(it.path), text=plain(it.text)) for it in prompt.snippets),
    )
