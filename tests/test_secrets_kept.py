"""Ordinary code that speaks of secrets, and holds none: it is what a completion goes by."""

import pytest

from codestral_ls.context.secrets import redact
from tests.secrets.drawing import HEX, draw

ORDINARY = (
    'password = "password"',
    'password = "changeme"',
    'password: "your-password-here1"',
    'password = os.environ["DB_PASSWORD_2"]',
    'password = os.getenv("APP_PASSWORD2")',
    "password = get_password(user1)",
    "password = self.passwords[2]",
    "const password2 = await readPassword2();",
    'password = f"{user}-{number:04}"',
    "DB_PASSWORD=${DB_PASSWORD2:-none}",
    "password: <%= ENV['PASSWORD2'] %>",
    "password: ${{ secrets.DB_PASSWORD2 }}",
    "password: {{ vault_password2 }}",
    'PASSWORD_LABEL = "Your password must have 8 characters"',
    '"PasswordLastUsed": "2016-09-08T20:47:21Z"',
    '"Cloud::Route53::KeySigningKey": "48205d4fa1b2c3d4e5f60718"',
    '"Cloud::Gateway::ApiKey": "48205d4fa1b2c3d4e5f60718"',
    "--next-token 9f4d9f69-275a-41fe-b58e-2b837bd9ba48",
    "http://[user[:pass]]@host.domain[:port]/path",
    "the login and password via environment variables",
    'password_regex = "^[A-Za-z0-9]{8,}$"',
    '"password": "Passwort (mindestens 8 Zeichen)"',
    '<input type="password" id="password2" name="password-field2">',
    '<label for="password">Password2</label>',
    '"wrongPassword": "Wrong password, 3 tries left"',
    "token = tokens[0]",
    'token_type = "OAuth2BearerToken"',
    'token = "OAuth2Token"',
    'kind: token("T_CONSTANT_2_STRING")',
    '{"token": "keyword.operator.assignment.c99"}',
    'nextToken = "eyJ2IjoiMiIsImMiOiJhYmMifQ"',
    'secret_name = "projects/p1/secrets/db/versions/2"',
    'api_key_id = "b1946ac92492d2347c6235b4d2611184"',
    'token_url = "https://login.invalid/oauth2/v2.0/token"',
    'password_hash = "5f4dcc3b5aa765d61d8327deb882cf99"',
    'public_key = "04a1b2c3d4e5f60718293a4b5c6d7e8f90"',
    "git clone https://user:password@example.com/x.git",
    "postgres://postgres:postgres@localhost:5432/app",
    'f"redis://:{password}@{host}:6379/0"',
    "https://${USER}:${PASSWORD}@host/path",
    "http://[::1]:8080/@scope/name",
    'fetch("https://cdn.invalid/npm:lodash@4.17.21/lodash.js")',
    'headers["Authorization"] = f"Bearer {token}"',
    '"Authorization: Bearer <your token>"',
    'raise ValueError("Basic authentication needs a login")',
    'integrity="sha512-abc"',
    f'commit = "{draw(HEX, 40, "commit")}"',
    f'"sha256": "{draw(HEX, 64, "sum")}"',
    'HEADER = "-----BEGIN RSA PRIVATE KEY-----"',
    'if line == "-----END PRIVATE KEY-----":\n    done = True',
    "task-manager-with-32-plugins-and-themes-for-version-2",
    "sk-learn-compatible-estimators-for-time-series-v2",
    "keyboard_shortcut_2 = keyboard.Key(KEY_F12)",
    "public static final int KEY_LENGTH_128 = 128;",
    'assert tokenize("a1 + b2 * c3") == ["a1", "+", "b2"]',
    "secret = generate_secret(length=32)",
    "aws_secret_access_key = AWS2_CREDENTIALS.secret_access_key",
    "--password-stdin < ~/.config/password2",
    "--token $GITHUB_TOKEN2",
    '"tokens-and-input": "df878b202c3b3cb7__form-token-field"',
    "proxy_pass http://127.0.0.1:8080/app2/path;",
    'i="Unknown token ",l=(0,y.default)(u,6),D=x["a1b2"]',
    "the secret c0ffee of good coffee",
    "#define PASSWORD_LENGTH_2 16",
    "password character varying(128)",
)


@pytest.mark.parametrize("line", ORDINARY)
def test_ordinary_code_is_left_alone(line: str) -> None:
    """By itself, inside of a function, and while it is being typed."""
    assert redact(line).found == ()
    assert redact(f"def f():\n    {line}\n    return 1\n").found == ()


@pytest.mark.parametrize(
    "line",
    [
        'password = "At-least8+signs of any kind"',
        "password: At-least8+signs of any kind",
        "password = At_least8+signs or none",
    ],
)
def test_the_first_word_of_a_sentence_is_no_password(line: str) -> None:
    """A message says what a password must be like."""
    assert redact(line).found == ()


@pytest.mark.parametrize("line", ORDINARY)
def test_unfinished_code_is_left_alone(line: str) -> None:
    """What is cut off at any place is no more of a secret than the whole."""
    found = [line[:end] for end in range(len(line)) if redact(line[:end]).found]
    assert found == []


def test_a_block_that_is_no_key_is_left_alone() -> None:
    """Certificates and signatures are public."""
    body = "\n".join(draw("ABCDEFGH", 64, str(n)) for n in range(4))
    text = f"x\n-----BEGIN CERTIFICATE-----\n{body}\n-----END CERTIFICATE-----\ny\n"
    assert redact(text).found == ()


def test_code_below_the_first_line_of_a_key_is_left_alone() -> None:
    """A block ends with the last line that is data."""
    text = (
        'BEGIN = "-----BEGIN PRIVATE KEY-----"\nEND = "x"\n\ndef certificate_of(authority): ...\n'
    )
    assert redact(text).found == ()
