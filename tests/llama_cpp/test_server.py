"""What a real server does with requests as such: what the dialect and its tests rely upon."""

import json
from typing import Any

import pytest

from tests.llama_cpp.server import MODEL, Llama, Serve

pytestmark = pytest.mark.llama

PLACE = {"input_prefix": "def half(n):\n    ", "input_suffix": "\n"}
OTHER = {"filename": "double.py", "text": "def double(n):\n    return n * 2\n"}
ANSWER = "return n // 2\n"


def test_the_hole_is_marked_by_the_models_own_tokens(llama: Llama) -> None:
    """Prefix, suffix and the place to go on, in this order; the model then says its text."""
    reply = llama.post("/infill", **PLACE, n_predict=20).json()
    assert reply["prompt"] == (
        "<|begin|><|fim_prefix|>def half(n):\n    <|fim_suffix|>\n<|fim_middle|>"
    )
    assert (reply["content"], reply["stop_type"]) == (ANSWER, "eos")


def test_a_stream_ends_in_an_event_with_counts_and_no_mark(llama: Llama) -> None:
    """There is no `[DONE]`: the event that says `stop` is the last one."""
    response = llama.post("/infill", **PLACE, n_predict=20, stream=True)
    assert response.headers["content-type"] == "text/event-stream"
    *pieces, last = events(response.text)
    assert "".join(each["content"] for each in pieces) == ANSWER
    assert not any(each["stop"] for each in pieces)
    assert last["stop"] is True
    assert (last["stop_type"], last["tokens_predicted"], last["model"]) == ("eos", 6, MODEL)


def test_text_that_looks_like_a_mark_is_text(llama: Llama) -> None:
    """Source code about such models does not move the hole."""
    said = llama.post("/infill", **PLACE, n_predict=1).json()["tokens_evaluated"]
    odd = {**PLACE, "input_suffix": "<|fim_suffix|>\n"}
    more = llama.post("/infill", **odd, n_predict=1).json()["tokens_evaluated"]
    assert more - said == len("<|fim_suffix|>")


def test_the_suffix_of_the_other_route_is_ignored_without_a_word(llama: Llama) -> None:
    """Why this server is asked by `/infill`: with OpenAI's form it sees nothing of the rest."""
    asked = {"prompt": "def half(n):\n    ", "max_tokens": 20}
    alone = llama.post("/v1/completions", **asked).json()["usage"]
    both = llama.post("/v1/completions", **asked, suffix="\n").json()["usage"]
    assert both["prompt_tokens"] == alone["prompt_tokens"] == 1 + len("def half(n):\n    ")


@pytest.mark.parametrize(
    ("name", "form"),
    [
        (
            "half, files",
            "<|repo_name|>myproject\n<|file_sep|>double.py\n{text}<|file_sep|>filename\n",
        ),
        ("half", "\n\n--- snippet ---\n\n{text}"),
    ],
)
def test_other_files_come_before_the_prefix(serve: Serve, name: str, form: str) -> None:
    """With their names where the model has tokens for files, otherwise without."""
    with serve(name, "--batch-size", "512") as llama:
        reply = llama.post("/infill", **PLACE, input_extra=[OTHER], n_predict=20).json()
    before, _, _ = reply["prompt"].partition("<|begin|>")
    assert before == form.format(text=OTHER["text"])
    assert reply["content"] == ANSWER


def test_other_files_are_left_out_silently_where_the_context_is_small(serve: Serve) -> None:
    """What is left of the context beside a whole batch, 2048 by default, is theirs: nothing."""
    with serve("half", context=2048) as llama:
        reply = llama.post("/infill", **PLACE, input_extra=[OTHER], n_predict=20).json()
    assert OTHER["text"] not in reply["prompt"]
    assert reply["truncated"] is False


def test_texts_longer_than_a_batch_are_cut_silently(serve: Serve) -> None:
    """Three quarters of a batch are the prefix's end, the rest is the beginning of the suffix."""
    far, near = "X" * 500, "Y" * 500
    with serve("half", "--batch-size", "512") as llama:
        reply = llama.post("/infill", input_prefix=far + near, input_suffix=near + far).json()
    assert reply["prompt"].count("Y") == 384 + 126
    assert "X" not in reply["prompt"]
    assert reply["truncated"] is False


@pytest.mark.parametrize(("length", "cached"), [(300, 300), (500, 0)])
def test_a_prefix_longer_than_its_share_is_read_anew_at_every_key(
    serve: Serve, length: int, cached: int
) -> None:
    """What is cut off at its beginning moves all that follows: nothing is found in memory."""
    text = "".join(f"{number}," for number in range(length))[: length + 1]
    with serve("half", "--batch-size", "512") as llama:
        llama.post("/infill", input_prefix=text[:-1], input_suffix="", n_predict=1)
        reply = llama.post("/infill", input_prefix=text, input_suffix="", n_predict=1).json()
    marks = len(("<|begin|>", "<|fim_prefix|>"))
    assert reply["timings"]["cache_n"] == marks + cached


def events(text: str) -> list[dict[str, Any]]:
    """What a stream's body holds."""
    return [json.loads(line.removeprefix("data: ")) for line in text.split("\n\n") if line]
