"""What a gateway writes anywhere, searched for all that must not be there."""

import json
import sqlite3
import subprocess
import sys
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, closing
from pathlib import Path
from typing import Any

import pytest
import redis

from codestral_ls.configuration import STATISTICS_NAME
from tests.fim_endpoint import Behaviour, Reply, serve_in_thread
from tests.gateway_process import GatewayProcess, bearer
from tests.lsp_process import environment
from tests.redis_server import redis_server

pytestmark = [
    pytest.mark.redis,
    pytest.mark.skipif(sys.platform != "linux", reason="reads command lines in /proc"),
]

KEY = "planted-upstream-key-7f3a91c4"
PASSWORD = "planted-redis-password-52b8"
SECRET = "planted-gateway-secret-90cd"
CODE = "planted_code_marker_e61f"
ANSWER = "planted_answer_marker_4b77"
PATH = "planted_path_marker_a9d2"
WRONG = "cls_planted-wrong-token-1d0e"
UPSTREAM = "planted_upstream_body_c3f5"
PLANTED = [KEY, PASSWORD, SECRET, CODE, ANSWER, PATH, WRONG, UPSTREAM]


def create_token(state: Path) -> str:
    """Makes a token as whoever runs the gateway does."""
    command = [sys.executable, "-m", "codestral_ls", "gateway", "token", "create"]
    made = subprocess.run(
        [*command, "ann", "--metrics"],
        env=environment(state=str(state)),
        capture_output=True,
        text=True,
        check=True,
    )
    assert made.stdout.strip() not in made.stderr
    return made.stdout.strip()


class Scene:
    """A gateway to which everything that must not be seen again has been told."""

    def __init__(self, folder: Path, stack: ExitStack) -> None:
        self.token = create_token(folder)
        self.redis = stack.enter_context(redis_server("--requirepass", PASSWORD))
        self.address = self.redis.url.replace("redis://", f"redis://:{PASSWORD}@")
        self.endpoint = stack.enter_context(serve_in_thread(answering()))
        self.gateway = stack.enter_context(
            GatewayProcess(
                folder,
                endpoint=self.endpoint.url,
                api_key=KEY,
                gateway_redis=self.address,
                gateway_secret=SECRET,
                gateway_workers="2",
                log_level="debug",
                stats="true",
                gateway_requests_per_minute="1000",
            )
        )
        self.command_lines = list(command_lines(self.gateway.pid))
        self.replies: list[bytes] = []

    def ask_all(self) -> None:
        """Uses every route, rightly and wrongly."""
        right = bearer(self.token)
        code = f"def {CODE}(first):\n    "
        raw = {"prompt": code, "suffix": "\n", "model": "codestral-latest"}
        body = {"prefix": code, "path": f"/home/ann/{PATH}.py", "explain": False}
        broken = f'{{"prefix": "{CODE}", "{CODE}": "{KEY}"'.encode()
        for headers in (right, bearer(WRONG), {}):
            for way in ({}, {"accept": "text/event-stream"}):
                self.note("/complete", {**body, "trigger": "invoked"}, headers | way)
                self.note("/complete", {**body, "max_tokens": CODE}, headers | way)
                self.note("/complete", broken, headers | way)
            for base in ("", "/raw", "/shaped"):
                self.note(f"{base}/v1/fim/completions", raw, headers)
                self.note(f"{base}/v1/fim/completions", {**raw, "stream": True}, headers)
                self.note(f"{base}/v1/fim/completions", {**raw, "n": CODE}, headers)
                self.note(f"{base}/v1/fim/completions", broken, headers)
        self.endpoint.behaviour = Behaviour(reply=Reply(status=500, body=UPSTREAM.encode()))
        self.note("/complete", {"prefix": f"{CODE} = "}, right)
        self.note("/raw/v1/fim/completions", {"prompt": f"{CODE}("}, right)
        self.endpoint.behaviour = Behaviour(keys=frozenset())
        self.note("/raw/v1/fim/completions", {"prompt": f"{CODE}["}, right)
        for path in ("/metrics", "/v1/models", "/healthz", "/readyz", "/", f"/{CODE}?a={CODE}"):
            self.replies.append(self.gateway.get(path, **right).body)

    def note(
        self, path: str, body: Mapping[str, object] | bytes, headers: Mapping[str, str]
    ) -> None:
        """Asks and keeps the reply."""
        reply = self.gateway.post(path, body, **headers)
        assert reply.status not in {500, 404}, (path, reply)
        self.replies.append(reply.body + repr(sorted(reply.headers.items())).encode())


def answering() -> Behaviour:
    """A model that writes what can be recognised."""
    return Behaviour(text=f"return {ANSWER}", keys=frozenset({KEY}))


def command_lines(pid: int) -> Iterator[bytes]:
    """How a process and those it has started were called, for everybody on the machine to see."""
    yield Path(f"/proc/{pid}/cmdline").read_bytes()
    children = Path(f"/proc/{pid}/task/{pid}/children").read_text(encoding="ascii")
    for child in children.split():
        yield from command_lines(int(child))


def planted(data: bytes) -> list[str]:
    """Which of what was planted is in there."""
    return [each for each in PLANTED if each.encode() in data]


@pytest.fixture(scope="module")
def scene(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Scene]:
    """Everything has been asked, and the gateway has ended after its files were written."""
    with ExitStack() as stack:
        scene = Scene(tmp_path_factory.mktemp("state"), stack)
        scene.ask_all()
        assert scene.gateway.terminate() == 0
        yield scene


def test_the_scene_is_one(scene: Scene) -> None:
    """What is searched for was there: the endpoint was asked with it, and clients were answered."""
    sent = [call for call in scene.endpoint.completions if CODE.encode() in call.raw_body]
    assert any(KEY in call.header("authorization") for call in sent)
    assert sum(ANSWER.encode() in reply for reply in scene.replies) > 3
    assert len(scene.command_lines) >= 3


def test_neither_log_nor_output_holds_anything(scene: Scene) -> None:
    """Even at its most talkative level."""
    gateway = scene.gateway
    assert gateway.log
    assert planted((gateway.log + gateway.output).encode()) == []
    assert scene.token not in gateway.log + gateway.output


def test_no_file_holds_anything(scene: Scene) -> None:
    """Not the statistics, not the tokens, nor what lies beside them."""
    files = [each for each in scene.gateway.state.rglob("*") if each.is_file()]
    assert {"gateway-tokens.json"} <= {each.name for each in files}
    for each in files:
        data = each.read_bytes()
        assert planted(data) == [], each
        assert scene.token.encode() not in data, each
        if "secret" in each.name or "token" in each.name:
            assert each.stat().st_mode & 0o077 == 0


def test_statistics_know_the_user_and_nothing_else(scene: Scene) -> None:
    """Counts and times, and the name that whoever runs the gateway has chosen."""
    with closing(sqlite3.connect(scene.gateway.state / STATISTICS_NAME)) as database:
        rows = "\n".join(database.iterdump())
    assert "'ann'" in rows
    assert planted(rows.encode()) == []


def test_redis_holds_no_prompt(scene: Scene) -> None:
    """Keys cannot be guessed from a prompt, and values are what the model wrote, compressed."""
    with closing(redis.Redis.from_url(scene.address)) as client:
        held = {key: value_of(client, key) for key in client.scan_iter()}
    assert len(held) > 2
    for key, value in held.items():
        assert planted(key + value) == []
        assert scene.token.encode() not in key + value


def value_of(client: "redis.Redis", key: bytes) -> bytes:
    """What is kept for a key: a text, or the fields of a record."""
    if client.type(key) == b"string":
        return as_bytes(client.get(key))
    fields: Mapping[Any, Any] = client.hgetall(key)
    return b"".join(as_bytes(each) for pair in fields.items() for each in pair)


def as_bytes(value: Any) -> bytes:
    """What the client returns, which nobody has asked it to decode."""
    assert isinstance(value, bytes)
    return value


def test_replies_hold_no_key(scene: Scene) -> None:
    """A reply holds what the model wrote, and never what it was asked with or how it failed."""
    for reply in scene.replies:
        assert set(planted(reply)) <= {ANSWER}, reply
        assert scene.token.encode() not in reply


def test_metrics_hold_no_code(scene: Scene) -> None:
    """Counts by user, model and outcome."""
    (metrics,) = [each for each in scene.replies if b"# TYPE" in each]
    assert b"ann" in metrics
    assert planted(metrics) == []


def test_nobody_on_the_machine_sees_a_secret(scene: Scene) -> None:
    """Command lines are seen by everybody."""
    assert planted(b"".join(scene.command_lines)) == []


def test_the_token_is_kept_as_a_digest(scene: Scene) -> None:
    """Who reads the file cannot ask."""
    text = (scene.gateway.state / "gateway-tokens.json").read_text()
    assert scene.token not in text
    secret = max(scene.token.split("_"), key=len)
    assert secret not in json.dumps(json.loads(text))
