"""The parts of Mistral's wire format that a gateway reads and writes, one by one."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from jsonschema import Draft202012Validator

from codestral_ls.errors import BrokenReply, FimError, RateLimited, TimedOut, TooLong, Unauthorized
from codestral_ls.gateway.errors import Refusal
from codestral_ls.gateway.fim_failures import error_of, refusal_for
from codestral_ls.gateway.fim_wire import FimRequest, Invalid, read_request
from codestral_ls.gateway.shaped import insertion
from codestral_ls.gateway.transcript import Transcript
from codestral_ls.model import Answer, Chunk, Snapshot, Source, Usage
from tests.fim_endpoint.replies import WIRE
from tests.fim_endpoint.values import VALUES
from tests.gateway_fim import BODY, RAW, client, site

SCHEMA = json.loads((WIRE / "fim-request.schema.json").read_text("utf-8")) | {
    "required": ["prompt"]  # the documentation's own calls name no model
}
SCHEMA["properties"] |= {"model": {"anyOf": [{"type": "string"}, {"type": "null"}]}}
FIELDS = [*SCHEMA["properties"], "n", "seed", "stream_options"]
SECRET = "def launch_codes(): return 4711"


def is_taken(body: dict[str, object]) -> bool:
    try:
        read_request(body)
    except Invalid:
        return False
    return True


@settings(deadline=None)
@given(field=st.sampled_from(FIELDS), value=VALUES, rest=st.just(BODY) | st.just({}))
def test_the_schema_is_the_documented_one(
    field: str, value: object, rest: dict[str, object]
) -> None:
    """What its published form refuses is refused, and nothing else."""
    body = rest | {field: value}
    assert Draft202012Validator(SCHEMA).is_valid(body) == is_taken(body)
    assert set(FimRequest.model_fields) == set(SCHEMA["properties"])


@pytest.mark.parametrize(
    "change",
    [
        {"prompt": [SECRET]},
        {"suffix": {"code": SECRET}},
        {"stop": [SECRET, 7]},
        {"max_tokens": SECRET},
        {SECRET * 100: 1},
        {"metadata": SECRET},
    ],
)
async def test_what_is_wrong_is_told_without_what_was_sent(
    tmp_path: Path, change: dict[str, object]
) -> None:
    """Where and why, in the endpoint's form; a name that nobody knows is cut short."""
    async with site(tmp_path) as here, client(here.url) as http:
        reply = await http.post(RAW, json=BODY | change)
        assert not here.endpoint.calls[1:]
    (fault, *_) = reply.json()["detail"]
    assert reply.status_code == 422
    assert fault["loc"][0] == "body"
    assert fault["msg"]
    assert fault["input"] is None
    assert reply.text.count("launch_codes") <= (SECRET * 100 in change) * 2
    assert len(reply.content) < 1000


@pytest.mark.parametrize(
    "change",
    [
        {"max_tokens": 10**30},
        {"random_seed": 2**64},
        {"min_tokens": 10**9},
        {"stop": ["a"] * 65},
        {"stop": "a" * 1001},
    ],
)
def test_what_no_client_means_is_refused(change: dict[str, object]) -> None:
    """Numbers of which a sum is to be held back, and stop sequences that cost more than a model."""
    assert not is_taken(BODY | change)


def test_not_all_faults_of_a_hopeless_body_are_told() -> None:
    """The first ones are mended first."""
    with pytest.raises(Invalid) as caught:
        read_request({f"key{number}": 1 for number in range(1000)})
    assert len(caught.value.faults) == 20


TEXT = st.text(alphabet="ab+\n", max_size=12)


@settings(deadline=None)
@given(
    pieces=st.lists(TEXT, max_size=6),
    stops=st.lists(st.text(alphabet="ab+\n", min_size=1, max_size=4), max_size=4),
)
def test_a_text_stops_where_it_would_as_a_whole(pieces: list[str], stops: list[str]) -> None:
    """However it is cut into chunks, nothing of a stop sequence and nothing behind it comes out."""
    whole = "".join(pieces)
    ends = [at for stop in stops if (at := whole.find(stop)) >= 0]
    transcript = Transcript(tuple(stops))
    said = "".join(transcript.take(Chunk(text=piece)) for piece in pieces) + transcript.finish()
    # A stop that is complete sooner ends the text although another one begins before it.
    assert whole.startswith(said)
    assert not any(stop in said for stop in stops)
    assert transcript.is_over == bool(ends)
    if not ends:
        assert said == whole
    if len(stops) == 1 and ends:
        assert said == whole[: min(ends)]


def test_pieces_come_as_soon_as_they_are_certain() -> None:
    """Only what may become a stop sequence waits."""
    transcript = Transcript(("\n\n",))
    said = [transcript.take(Chunk(text=piece)) for piece in ("a", "b\n", "c", "\n", "\nd")]
    assert said == ["a", "b", "\nc", "", ""]
    assert (transcript.is_over, transcript.finish_reason) == (True, "stop")


def test_what_comes_behind_the_stop_is_the_bill_alone() -> None:
    """The last one counts."""
    transcript = Transcript(("x",))
    transcript.take(Chunk(source=Source.JOINED))
    transcript.take(Chunk(text="abx", finish_reason="length"))
    said = transcript.take(Chunk(text="more", finish_reason="length", usage=Usage(prompt_tokens=3)))
    assert (said, transcript.finish()) == ("", "")
    assert (transcript.finish_reason, transcript.usage.prompt_tokens) == ("stop", 3)
    assert transcript.source is Source.JOINED


@pytest.mark.parametrize(
    ("text", "tail", "replaces", "inserted"),
    [
        ("a, b", ")", 0, "a, b"),
        ("a, b)", ")", 1, "a, b"),
        ('"a", "b")', '")', 0, '"a", "b")'),
        ("a, b)\n    return c(a)", ")", 1, "a, b)\n    return c(a"),
        ("a, b):\n    return a", ")", 1, "a, b"),
        ("a, b=c(1)) -> int:", "):", 2, "a, b=c(1)"),
        ('abc".strip()', '"', 1, "abc"),
        ("", ")", 1, ""),
    ],
)
def test_a_client_that_only_inserts_gets_no_closer_twice(
    text: str, tail: str, replaces: int, inserted: str
) -> None:
    """What an editor would let the text replace stays where it is."""
    answer = Answer(text=text, replaces=replaces, source=Source.MODEL, provider="p", model="m")
    snapshot = Snapshot(uri="u", language="python", prefix="f(", suffix=f"{tail}\nrest")
    assert insertion(answer, snapshot) == inserted


@pytest.mark.parametrize(
    ("error", "status", "kind"),
    [
        (RateLimited("of host", retry_after=3.2), 429, "rate_limited"),
        (TimedOut("of host"), 504, "upstream_timed_out"),
        (Unauthorized("of host"), 502, "upstream_unauthorized"),
        (TooLong("of host"), 400, "invalid_request_error"),
        (BrokenReply("of host"), 502, "upstream_broken_reply"),
    ],
)
def test_failures_have_the_form_of_the_api(error: FimError, status: int, kind: str) -> None:
    """The words of the model's host are not among them."""
    refusal = refusal_for(error)
    body = error_of(refusal, "id")
    assert (refusal.status, body["type"], body["raw_status_code"]) == (status, kind, status)
    assert "of host" not in json.dumps(body)
    assert refusal.headers.get("Retry-After", "4" if status != 429 else "") == "4"


def test_a_stranger_learns_no_more_than_that_he_is_one() -> None:
    """With the name by which the log knows the request."""
    refusal = Refusal(status=401, code="unauthorized", message="secret reason")
    assert error_of(refusal, "abc") == {"message": "Unauthorized", "request_id": "abc"}
