"""Models of half a megabyte for a real llama.cpp server: each is a table of what follows what.

All attention and feed-forward weights are nothing, so that only the last token reaches the output.
Every token has one of a few states, written into its embedding; the output layer holds the token
that follows each state. Hence the answer to everything is the same text at any temperature.

Imports gguf, and with it numpy, when a model is made: both are at hand for tests alone.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from gguf import GGUFWriter

BEGIN, END = "<|begin|>", "<|end|>"
MARKS: Mapping[str, str] = {
    "tokenizer.ggml.fim_pre_token_id": "<|fim_prefix|>",
    "tokenizer.ggml.fim_suf_token_id": "<|fim_suffix|>",
    "tokenizer.ggml.fim_mid_token_id": "<|fim_middle|>",
}
"""Where they are missing, and their names too, the server answers no fill-in-the-middle."""
FILE_MARKS: Mapping[str, str] = {
    "tokenizer.ggml.fim_rep_token_id": "<|repo_name|>",
    "tokenizer.ggml.fim_sep_token_id": "<|file_sep|>",
}
"""For texts of other files."""

CONTEXT = 131_072
"""The model's own bound is a large one: the server's option is what bounds it in a test."""
HEADS, HEAD_SIZE = 2, 32
WIDTH = HEADS * HEAD_SIZE
FEED_FORWARD = 32
CERTAIN = 16.0
"""Times 8, the root of the width, this is how far the next token is ahead of all others."""
NORMAL, CONTROL = 1, 3
NEVER = "\u00ff"
"""Stands for a byte that UTF-8 never has, so that each byte of a prompt is a token."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Script:
    """What a model says: pieces of text, each a token of its own, none of them twice.

    Without `end` it says them again and again. `marks` are its tokens for fill-in-the-middle;
    `fillers` are tokens that never come up, which make it slow to load and to run.
    """

    pieces: Sequence[str]
    end: bool = True
    marks: Mapping[str, str]
    fillers: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Vocabulary:
    """All tokens: how many of them, from the start, are text, and which follows which state."""

    tokens: Sequence[str]
    texts: int
    states: Mapping[int, int]
    next: Sequence[int]


def write_model(path: Path, script: Script) -> None:
    """Writes the GGUF file of a model."""
    from gguf import GGUFWriter  # noqa: PLC0415 - only a machine with gguf makes models

    vocabulary = _vocabulary(script)
    writer = GGUFWriter(path, "llama")
    _describe(writer, vocabulary, script.marks)
    _add_weights(writer, vocabulary)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


def _vocabulary(script: Script) -> Vocabulary:
    """Bytes, pieces of text, fillers, control tokens.

    State 0 is that of all tokens which are no piece: the first piece follows.
    """
    spelled = [_spelled(piece) for piece in script.pieces]
    texts = list(dict.fromkeys([*map(_byte_token, range(256)), NEVER + NEVER, *spelled]))
    texts += [f"filler{number}" for number in range(script.fillers)]
    tokens = [*texts, BEGIN, END, *script.marks.values()]
    chain = [tokens.index(each) for each in spelled]
    return Vocabulary(
        tokens=tokens,
        texts=len(texts),
        states={token: state for state, token in enumerate(chain, 1)},
        next=[*chain, tokens.index(END) if script.end else chain[0]],
    )


def _describe(writer: "GGUFWriter", vocabulary: Vocabulary, marks: Mapping[str, str]) -> None:
    tokens = vocabulary.tokens
    writer.add_name("scripted")
    writer.add_context_length(CONTEXT)
    writer.add_embedding_length(WIDTH)
    writer.add_block_count(1)
    writer.add_feed_forward_length(FEED_FORWARD)
    writer.add_head_count(HEADS)
    writer.add_head_count_kv(HEADS)
    writer.add_layer_norm_rms_eps(1e-6)
    writer.add_rope_dimension_count(HEAD_SIZE)
    writer.add_vocab_size(len(tokens))
    writer.add_tokenizer_model("gpt2")
    writer.add_tokenizer_pre("default")
    writer.add_token_list(tokens)
    control = len(tokens) - vocabulary.texts
    writer.add_token_types([NORMAL] * vocabulary.texts + [CONTROL] * control)
    writer.add_token_merges([f"{NEVER} {NEVER}"])  # one there must be
    writer.add_bos_token_id(tokens.index(BEGIN))
    writer.add_eos_token_id(tokens.index(END))
    writer.add_add_bos_token(value=True)
    for key, mark in marks.items():
        writer.add_uint32(key, tokens.index(mark))


def _add_weights(writer: "GGUFWriter", vocabulary: Vocabulary) -> None:
    import numpy as np  # noqa: PLC0415 - comes with gguf

    count = len(vocabulary.tokens)
    embedding = np.zeros((count, WIDTH), np.float16)
    embedding[:, 0] = 1
    for token, state in vocabulary.states.items():
        embedding[token, [0, state]] = 0, 1
    output = np.zeros((count, WIDTH), np.float16)
    for state, token in enumerate(vocabulary.next):
        output[token, state] = CERTAIN
    writer.add_tensor("token_embd.weight", embedding)
    writer.add_tensor("output.weight", output)
    for name in ("output_norm", "blk.0.attn_norm", "blk.0.ffn_norm"):
        writer.add_tensor(f"{name}.weight", np.ones(WIDTH, np.float32))
    for name in ("attn_q", "attn_k", "attn_v", "attn_output"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((WIDTH, WIDTH), np.float16))
    for name in ("ffn_gate", "ffn_up"):
        writer.add_tensor(f"blk.0.{name}.weight", np.zeros((FEED_FORWARD, WIDTH), np.float16))
    writer.add_tensor("blk.0.ffn_down.weight", np.zeros((WIDTH, FEED_FORWARD), np.float16))


def _spelled(text: str) -> str:
    """A text as vocabularies of this kind spell it: one visible character for each byte."""
    return "".join(map(_byte_token, text.encode()))


def _byte_token(byte: int) -> str:
    """Bytes that are visible in Latin-1 are themselves; the others follow from U+0100 on."""
    hidden = [*range(0x21), *range(0x7F, 0xA1), 0xAD]
    return chr(0x100 + hidden.index(byte)) if byte in hidden else chr(byte)
