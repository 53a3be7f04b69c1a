"""The kinds of secrets that are known by how they begin or by what stands before them. Pure.

Lengths are lower bounds on purpose: a text is an excerpt, and a secret may be cut at its end.
"""

import re
from collections.abc import Callable
from typing import NamedTuple

from codestral_ls.context.secret_values import (
    looks_chosen,
    looks_generated,
    looks_like_login,
    looks_real,
    looks_secret,
)

_START = r"(?<!(?<!\\)[A-Za-z0-9])"
"""No word goes on here, unless it is the letter of an escape: `\\n`."""


class Token(NamedTuple):
    """A secret that begins with `mark`, which may stay; both are patterns without groups."""

    kind: str
    mark: str
    body: str


class Clue(NamedTuple):
    """A secret, group 1 of `pattern`, behind `words`, which are in lower case and plain."""

    kind: str
    words: str
    pattern: re.Pattern[str]
    accepts: Callable[[str], bool]


def _clue(kind: str, words: str, pattern: str, accepts: Callable[[str], bool] = looks_real) -> Clue:
    return Clue(kind, words, re.compile(pattern, re.IGNORECASE), accepts)


TOKENS = (
    # Cloud providers.
    Token("AWS access key", r"A(?:KIA|SIA|BIA|CCA)", r"[A-Z0-9]{16}(?![A-Za-z0-9])"),
    Token("Google API key", r"AIza", r"[\w-]{20,35}"),
    Token("Google OAuth secret", r"GOCSPX-", r"[\w-]{20,}"),
    Token("Google access token", r"ya29\.", r"[\w-]{20,}"),
    Token("Google refresh token", r"1//0", r"[\w-]{30,}"),
    Token("Firebase server key", r"AAAA[\w-]{7}:APA91b", r"[\w-]{60,}"),
    Token("Azure client secret", r"[\w~.-]{3}\dQ~", r"[\w~.-]{31,34}"),
    Token("Alibaba access key", r"LTAI", r"[A-Za-z0-9]{16,20}(?![A-Za-z0-9])"),
    Token("DigitalOcean token", r"do[opr]_v1_", r"[0-9a-f]{30,}"),
    Token("Heroku token", r"HRKU-", r"[\w-]{30,}"),
    Token("Fly.io token", r"fm[12][ar]?_", r"[\w+/=]{60,}"),
    Token("Netlify token", r"nfp_", r"[A-Za-z0-9]{30,}"),
    Token("Supabase key", r"sb(?:p_|_secret_)", r"\w{24,}"),
    Token("PlanetScale token", r"pscale_(?:tkn|pw|oauth)_", r"[\w.=-]{30,}"),
    Token("Databricks token", r"dapi", r"[0-9a-f]{32}(?:-\d)?(?![A-Za-z0-9])"),
    Token("Tailscale key", r"tskey-", r"[\w-]{20,}"),
    Token("Pulumi token", r"pul-", r"[0-9a-f]{40}"),
    Token("Terraform token", r"[A-Za-z0-9]{14}\.atlasv1\.", r"[\w=-]{40,}"),
    Token("Vault token", r"hv[bsr]\.", r"[\w-]{20,}"),
    Token(
        "Doppler token", r"dp\.(?:pt|st|sa|ct|scim|audit)\.", r"(?:[\w-]{2,35}\.)?[A-Za-z0-9]{30,}"
    ),
    Token("1Password token", r"ops_eyJ", r"[\w+/=-]{60,}"),
    Token("age secret key", r"AGE-SECRET-KEY-1", r"[A-Z0-9]{20,}"),
    # Code hosts, registries and what builds.
    Token("GitHub token", r"gh[pousr]_", r"[A-Za-z0-9]{16,255}"),
    Token("GitHub token", r"github_pat_", r"\w{20,255}"),
    Token("GitLab token", r"gl(?:pat|oas|dt|rt|cbt|ptt|ft|imt|agent|soat|ffct)-", r"[\w-]{20,255}"),
    Token("Bitbucket token", r"ATBB", r"[A-Za-z0-9]{24,}"),
    Token("Atlassian token", r"AT[AC]TT3", r"[\w=+/-]{20,}"),
    Token("npm token", r"npm_", r"[A-Za-z0-9]{20,}"),
    Token("PyPI token", r"pypi-", r"[\w-]{40,}"),
    Token("RubyGems key", r"rubygems_", r"[0-9a-f]{24,}"),
    Token("crates.io token", r"cio", r"[A-Za-z0-9]{32}(?![A-Za-z0-9])"),
    Token("NuGet key", r"oy2", r"[a-z0-9]{43}(?![A-Za-z0-9])"),
    Token("Docker token", r"dckr_[op]at_", r"[\w-]{20,}"),
    Token("CircleCI token", r"CCI(?:PAT|PRJ)_", r"[\w-]{20,}"),
    Token("SonarQube token", r"sq[apu]_", r"[0-9a-f]{40}"),
    Token("Postman key", r"PMAK-", r"[0-9a-f-]{30,}"),
    # Models.
    Token("Anthropic key", r"sk-ant-", r"[\w-]{20,}"),
    Token("OpenRouter key", r"sk-or-", r"[\w-]{20,}"),
    Token("OpenAI key", r"sk-(?:proj|svcacct|admin)-", r"[\w-]{20,}"),
    Token("OpenAI key", r"sk-", r"(?=[A-Za-z]*\d)[A-Za-z0-9]{32,}"),
    Token("Hugging Face token", r"hf_", r"[A-Za-z0-9]{20,}"),
    Token("Groq key", r"gsk_", r"[A-Za-z0-9]{24,}"),
    Token("xAI key", r"xai-", r"[A-Za-z0-9]{40,}"),
    Token("Replicate token", r"r8_", r"[A-Za-z0-9]{24,}"),
    Token("Perplexity key", r"pplx-", r"[A-Za-z0-9]{32,}"),
    Token("NVIDIA key", r"nvapi-", r"[\w-]{40,}"),
    Token("LangSmith key", r"lsv2_(?:pt|sk)_", r"\w{30,}"),
    Token("Pinecone key", r"pcsk_", r"\w{30,}"),
    # Payment.
    Token("Stripe key", r"[rs]k_(?:live|test)_", r"[A-Za-z0-9]{16,}"),
    Token("Stripe webhook secret", r"whsec_", r"[A-Za-z0-9+/=]{24,}"),
    Token("Square token", r"sq0(?:atp|csp)-", r"[\w-]{20,}"),
    Token("Square token", r"EAAA[a-zA-E]", r"[\w-]{58,60}(?![\w-])"),
    Token("Shopify token", r"shp(?:at|ca|pa|ss)_", r"[0-9A-Fa-f]{24,}"),
    # Messages.
    Token("Slack token", r"xox(?:e\.xox[bp]|[abeoprs])-", r"[\w.-]{20,}"),
    Token("Slack token", r"xapp-", r"[\w-]{20,}"),
    Token("Twilio key", r"(?:SK|AC)", r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    Token("SendGrid key", r"SG\.", r"[\w-]{16,}\.[\w-]{16,}"),
    Token("Mailgun key", r"key-", r"[0-9a-f]{32}(?![A-Za-z0-9])"),
    Token("Mailchimp key", r"(?=[0-9a-f]{32}-us\d)", r"[0-9a-f]{32}-us\d{1,2}"),
    Token("Brevo key", r"xkeysib-", r"[0-9a-f]{40,}(?:-\w+)?"),
    Token("Resend key", r"re_", r"[A-Za-z0-9]{8}_[A-Za-z0-9]{20,}"),
    Token("Telegram token", r"\d{8,10}:", r"A[\w-]{24,34}(?![\w-])"),
    Token("Discord token", r"[MNO][\w-]{23,27}\.", r"[\w-]{6}\.[\w-]{27,40}"),
    # Watching, planning, designing.
    Token("New Relic key", r"NR(?:AK|AA|II|JS|RA)-", r"[A-Za-z0-9]{19,}"),
    Token("Sentry token", r"sntry[su]_", r"[\w=+/-]{30,}"),
    Token("Grafana token", r"gl(?:sa|c)_", r"[\w=+/-]{28,}"),
    Token("Dynatrace token", r"dt0[a-z]\d\d\.", r"[A-Z0-9]{20,}\.[A-Z0-9]{40,}"),
    Token("Linear key", r"lin_(?:api|oauth)_", r"[A-Za-z0-9]{30,}"),
    Token("Notion token", r"(?:ntn_|secret_)", r"[A-Za-z0-9]{32,}"),
    Token("Airtable token", r"pat[A-Za-z0-9]{14}\.", r"[0-9a-f]{40,}"),
    Token("Figma token", r"fig[dop]_", r"[\w-]{30,}"),
    # Any issuer.
    Token("JSON web token", r"eyJ", r"[\w-]{8,2000}+\.eyJ[\w-]{8,}(?:\.[\w-]+){0,3}"),
)
RUN = re.compile(r"\b[A-Za-z0-9_-]{16}[A-Za-z0-9_-]*", re.ASCII)
"""Holds the better part of each token, or the part of it before or behind a dot."""
RUN_REACH = 24
"""How far a mark may begin before its run, if a sign joins them: `<14 letters>.atlasv1.`."""
JOINTS = ".:~/"
PLAIN = re.compile(r"[^0-9]+|[0-9A-Fa-fx_-]+")
"""Runs in which no mark is looked for: words without a digit, numbers and sums."""
DIGITLESS = ("AKIA", "ASIA", "ABIA", "ACCA")
"""One key of thirty with these marks has no digit, for others it is one of thousands."""
MARKS = re.compile(f"{_START}(?:{'|'.join(each.mark for each in TOKENS)})", re.ASCII)
WHOLE = re.compile("|".join(f"({each.mark}){each.body}" for each in TOKENS), re.ASCII)
"""Group n is the mark of token n."""

TELLING = re.compile(
    r"(?<=[\"'`=:/])(?:gh[pousr]_|github_pat_|glpat-|sk-(?:ant|or|proj)-|xox[abeoprs]-|AKIA|AIza"
    r"|[rs]k_(?:live|test)_|hv[bsr]\.|SG\.|shp(?:at|ca|pa|ss)_|dckr_[op]at_)([^\s\"'`]{2,255})\Z"
)
"""Marks at which a value begins: what is typed behind them is hidden from the second key on."""

_TYPED = r"([^\s\"'<>{}$|\\]{3,128})"
CLUES = (
    _clue("Slack webhook", "hooks.slack.com/", r"[^\s\"']{9,99}?/((?:T\w+/)?B\w+/\w{16,})"),
    _clue("Discord webhook", "/api/webhooks/", r"/api/webhooks/\d+/([\w-]{30,})"),
    _clue("Teams webhook", "webhook.office.com/", r"webhook\.office\.com/\w+/([\w@/-]{60,})"),
    _clue("Azure storage key", "accountkey=", r"AccountKey=([A-Za-z0-9+/]{40,}={0,2})"),
    _clue("Azure shared key", "sharedaccesskey=", r"SharedAccessKey=([A-Za-z0-9+/]{40,}={0,2})"),
    _clue("Azure shared signature", "sig=", r"(?<=[?&;])sig=([A-Za-z0-9%+/]{24,}=*)"),
    _clue("Authorization header", "bearer ", r"Bearer ([\w.~+/-]{16,}=*)", looks_generated),
    _clue("Authorization header", "basic ", r"Basic ([A-Za-z0-9+/]{12,}={0,2})(?![\w+/.-])",
          looks_like_login),
    _clue("netrc password", "login ",
          rf"login\s{{1,8}}(?!and\s|or\s)\S{{1,99}}\s{{1,8}}password\s{{1,8}}{_TYPED}",
          looks_chosen),
    _clue("registry login", "_auth",
          r"_auth\s*=\s*\"?([A-Za-z0-9+/]{12,}={0,2})", looks_like_login),
    _clue("registry login", '"auth"',
          r"\"auth\"\s*:\s*\"([A-Za-z0-9+/]{12,}={0,2})", looks_like_login),
    _clue("password", "identified by", rf"identified by\s{{1,8}}[\"']{_TYPED}", looks_chosen),
    _clue("Authorization header", "authorization",
          r"authorization[\"']?\]?\s{0,2}[:=,]\s{0,2}[\"'`]?token ([\w.-]{16,})", looks_generated),
    _clue("password on a command line", "mysql",
          rf"mysql(?:dump|admin)? [^\n]{{0,200}}? -p[\"']?{_TYPED}", looks_secret),
    _clue("password on a command line", "curl ",
          rf"curl [^\n]{{0,200}}?(?:-u|--user)[ =][\"']?[^\s:\"'$]{{1,64}}:{_TYPED}",
          looks_chosen),
    _clue("password on a command line", "sshpass", rf"sshpass\s+-p\s*[\"']?{_TYPED}",
          looks_chosen),
    _clue("password on a command line", " --",
          r" --(?!next|start|change|lock|lifecycle|public)[\w-]{0,30}"
          r"(?:pass(?:word|wd)?|token|secret|key)[ ][\"']?([^\s\"'`<>]{8,512})",
          looks_secret),
    _clue("password in an address", "://",
          r"://[^\s/:@\"'<>{}|\\\[\]]{0,64}:([^\s/@\"'<>|\\]{3,128})@[\w.\[-]",
          looks_chosen),
)  # fmt: skip

OWNERS = (
    ("aws", "AWS secret access key"),
    ("mistral", "Mistral key"),
    ("codestral", "Mistral key"),
    ("cohere", "Cohere key"),
    ("datadog", "Datadog key"),
    ("twilio", "Twilio key"),
    ("heroku", "Heroku token"),
    ("azure", "Azure client secret"),
    ("algolia", "Algolia key"),
    ("cloudflare", "Cloudflare token"),
    ("okta", "Okta token"),
    ("ethereum", "Ethereum private key"),
    ("private", "private key"),
    ("pass", "password"),
    ("pwd", "password"),
)
"""A word in the name of what is assigned, and the kind it makes the value; the first counts."""
ASSIGNED = "token or key"
"""The kind of values whose names hold none of these words."""
