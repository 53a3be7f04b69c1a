"""Tokens that are known by how they begin, where no name gives them away."""

from collections.abc import Iterator
from itertools import cycle
from typing import NamedTuple

from tests.secrets.drawing import BASE32, HEX, LETTERS, LOWER, UPPER, URLSAFE, draw


class Shape(NamedTuple):
    """What issuers write before the part that is drawn, and of what and how long that is."""

    kind: str
    mark: tuple[str, ...]
    alphabet: str
    length: int


SHAPES = (
    Shape("AWS access key", ("AK", "IA"), BASE32, 16),
    Shape("AWS access key", ("AS", "IA"), BASE32, 16),
    Shape("Google API key", ("AI", "za"), URLSAFE, 35),
    Shape("Google OAuth secret", ("GOC", "SPX-"), URLSAFE, 28),
    Shape("Google access token", ("ya", "29."), URLSAFE, 120),
    Shape("DigitalOcean token", ("dop", "_v1_"), HEX, 64),
    Shape("Heroku token", ("HR", "KU-"), URLSAFE, 60),
    Shape("Supabase key", ("sb", "p_"), HEX, 40),
    Shape("PlanetScale token", ("pscale", "_tkn_"), URLSAFE, 43),
    Shape("Databricks token", ("da", "pi"), HEX, 32),
    Shape("Tailscale key", ("ts", "key-auth-"), LETTERS, 40),
    Shape("Vault token", ("hv", "s."), URLSAFE, 95),
    Shape("Doppler token", ("dp", ".pt."), LETTERS, 43),
    Shape("age secret key", ("AGE-SECRET", "-KEY-1"), UPPER, 58),
    Shape("GitHub token", ("gh", "p_"), LETTERS, 36),
    Shape("GitHub token", ("gh", "s_"), LETTERS, 36),
    Shape("GitHub token", ("github", "_pat_"), LETTERS + "_", 82),
    Shape("GitLab token", ("gl", "pat-"), URLSAFE, 20),
    Shape("Bitbucket token", ("AT", "BB"), LETTERS, 32),
    Shape("Atlassian token", ("ATA", "TT3"), URLSAFE, 180),
    Shape("npm token", ("np", "m_"), LETTERS, 36),
    Shape("PyPI token", ("py", "pi-AgEIcHlwaS5vcmc"), URLSAFE, 120),
    Shape("RubyGems key", ("ruby", "gems_"), HEX, 48),
    Shape("Docker token", ("dckr", "_pat_"), URLSAFE, 27),
    Shape("CircleCI token", ("CCI", "PAT_"), LETTERS, 62),
    Shape("SonarQube token", ("sq", "p_"), HEX, 40),
    Shape("Anthropic key", ("sk-", "ant-api03-"), URLSAFE, 95),
    Shape("OpenAI key", ("sk", "-"), LETTERS, 48),
    Shape("OpenAI key", ("sk-", "proj-"), URLSAFE, 150),
    Shape("OpenRouter key", ("sk-", "or-v1-"), HEX, 64),
    Shape("Hugging Face token", ("h", "f_"), LETTERS, 34),
    Shape("Groq key", ("gs", "k_"), LETTERS, 52),
    Shape("Replicate token", ("r", "8_"), LETTERS, 37),
    Shape("Perplexity key", ("pp", "lx-"), LETTERS, 48),
    Shape("Stripe key", ("sk", "_live_"), LETTERS, 24),
    Shape("Stripe key", ("rk", "_live_"), LETTERS, 24),
    Shape("Stripe webhook secret", ("wh", "sec_"), LETTERS, 32),
    Shape("Square token", ("sq0", "atp-"), URLSAFE, 22),
    Shape("Shopify token", ("shp", "at_"), HEX, 32),
    Shape("Slack token", ("xo", "xb-123456789012-1234567890123-"), LETTERS, 24),
    Shape("Slack token", ("xa", "pp-1-A0123456789-"), LOWER, 64),
    Shape("Twilio key", ("S", "K"), HEX, 32),
    Shape("Mailgun key", ("ke", "y-"), HEX, 32),
    Shape("Brevo key", ("xkey", "sib-"), HEX, 64),
    Shape("Telegram token", ("7123", "456789:A"), URLSAFE, 34),
    Shape("New Relic key", ("NR", "AK-"), UPPER, 27),
    Shape("Sentry token", ("sntr", "ys_"), LETTERS, 90),
    Shape("Grafana token", ("gl", "sa_"), LETTERS, 41),
    Shape("Linear key", ("lin", "_api_"), LETTERS, 40),
    Shape("Notion token", ("nt", "n_"), LETTERS, 46),
    Shape("Figma token", ("fig", "d_"), URLSAFE, 40),
    Shape("Postman key", ("PM", "AK-"), HEX, 59),
    Shape("NVIDIA key", ("nv", "api-"), URLSAFE, 64),
    Shape("LangSmith key", ("lsv2", "_pt_"), HEX, 43),
)
MANY = (
    ("SendGrid key", ("S", "G."), ((URLSAFE, 22), (URLSAFE, 43))),
    ("Discord token", ("MTA5", f"{'x7Qz' * 4}OTk1Nz."), ((URLSAFE, 6), (URLSAFE, 38))),
    ("JSON web token", ("ey", "JhbGciOiJIUzI1NiJ9.eyJ"), ((URLSAFE, 60), (URLSAFE, 43))),
    ("Terraform token", ("aB3dE6gH9jK2mN.", "atlasv1."), ((URLSAFE, 67),)),
    ("Airtable token", ("pat", "Ab3De6Gh9Jk2Mn."), ((HEX, 64),)),
    ("Azure client secret", ("aB3", "8Q~"), ((LETTERS + "~.-", 34),)),
    ("Mailchimp key", ("", ""), ((HEX, 32),)),
)
"""Shapes of several parts, or of parts before the mark."""

FRAMES = (
    ("app/clients.py", 'import sdk\n\n\nclient = sdk.connect(\n    "{}",\n)\n'),
    ("src/api.ts", "import {{ connect }} from './sdk';\n\nconst client = connect('{}');\n"),
    ("cmd/main.go", 'func main() {{\n\tclient := sdk.New("{}")\n\tclient.Run()\n}}\n'),
    ("deploy.sh", "#!/bin/sh\nset -eu\n./upload --with {} dist/*.whl\n"),
    ("NOTES.md", "# Notes\n\n- old one, still works: {}\n- ask Kim\n"),
    ("config/app.yml", "service:\n  name: shop\n  login: {}\n  retries: 3\n"),
    ("Main.java", 'class Main {{\n    static final Client CLIENT = new Client("{}");\n}}\n'),
    ("test.http", "GET https://api.invalid/items?auth={}&page=2\nAccept: application/json\n"),
    ("log.rs", 'fn main() {{\n    print!("one\\n{}\\ntwo");\n}}\n'),
)


def tokens() -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, file name, text and the secret part for each shape, in turning frames."""
    drawn = [
        (each.kind, "".join(each.mark), draw(each.alphabet, each.length, "".join(each.mark)))
        for each in SHAPES
    ]
    for kind, mark, parts in MANY:
        body = ".".join(draw(alphabet, length, kind) for alphabet, length in parts)
        drawn.append((kind, "".join(mark), body + "-us21" * (kind == "Mailchimp key")))
    for (kind, start, body), (name, frame) in zip(drawn, cycle(FRAMES), strict=False):
        yield kind, name, frame.format(start + body), body
