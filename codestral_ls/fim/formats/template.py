"""`POST /v1/completions` with the model's own control tokens in the prompt. Pure.

For vLLM, TGI, LM Studio and others whose completions know no `suffix`; see `templates`.
"""

from codestral_ls.errors import Refused
from codestral_ls.fim.formats.openai import NO_CREDIT
from codestral_ls.fim.formats.terms import Hint

HINTS = (
    Hint(
        404,
        r"(?i)model",
        Refused,
        '{host} does not have the model "{model}"{said}. Set `model` to a name that its '
        "`/v1/models` lists.",
    ),
    NO_CREDIT,
)
