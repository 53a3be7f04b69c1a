"""Secrets that are known by the name they are given to, or by what stands around them."""

from collections.abc import Iterator

from tests.secrets.drawing import BASE64, HEX, LETTERS, LOWER, URLSAFE, draw

TYPED = "Tr0ub4" + "dor&3"
LONG = draw(URLSAFE, 40, "long")
AWS = draw(BASE64, 40, "aws")
LOGIN = "Ym90Ok" + "5vdEFQYXNzd29yZDEyMw"
UUID = "-".join(draw(HEX, n, f"uuid {n}") for n in (8, 4, 4, 4, 12))
DJANGO = "dj" + draw(LOWER + "!#$%^&*(-_=+)", 48, "django")

ASSIGNED = (
    # kind, file name, text with {} in the secret's place, secret
    ("password", "settings.py", 'USER = "app"\nPASSWORD = "{}"\nPORT = 5432\n', TYPED),
    ("password", "db.py", 'def connect(password: str = "{}") -> None:\n    pass\n', TYPED),
    ("password", "db.go", 'func open() {{\n\tdbPassword := "{}"\n\tuse(dbPassword)\n}}\n', TYPED),
    ("password", "Db.java", 'class Db {{\n    String password = "{}";\n}}\n', TYPED),
    ("password", "db.rs", 'const DB_PASSWORD: &str = "{}";\n', TYPED),
    ("password", "db.js", "new Pool({{\n  user: 'app',\n  password: '{}',\n}});\n", TYPED),
    ("password", "mail.ts", "auth: {{ user: 'bot', pass: '{}' }},\n", TYPED),
    ("password", "config.php", "return [\n    'password' => '{}',\n];\n", TYPED),
    ("password", "wp-config.php", "define('DB_PASSWORD', '{}');\n", TYPED),
    ("password", "database.yml", "production:\n  user: app\n  password: {}\n  pool: 5\n", TYPED),
    ("password", "compose.yaml", "environment:\n  - POSTGRES_PASSWORD={}\n", TYPED),
    ("password", "pod.yaml", '- name: DB_PASSWORD\n  value: "{}"\n- name: A\n  value: b\n', TYPED),
    ("password", "app.ini", "[db]\nuser = app\npassword = {}\nport = 1\n", TYPED),
    ("password", "app.toml", '[db]\npassword = "{}"\n', TYPED),
    ("password", "app.json", '{{\n  "db": {{"user": "app", "password": "{}"}}\n}}\n', TYPED),
    ("password", "web.config", '<add key="SmtpPassword" value="{}" />\n', TYPED),
    ("password", "beans.xml", '<property name="password">{}</property>\n', TYPED),
    ("password", "Db.cs", 'var s = "Server=db;User=app;Password={};Pooling=1";\n', TYPED),
    ("password", "Jenkinsfile", "sh 'deploy --user=app --password={} --now'\n", TYPED),
    ("password on a command line", "run.sh", "deploy --user app --password '{}' now\n", TYPED),
    ("password", "db.rb", "config.password = '{}'\nconfig.pool = 5\n", TYPED),
    ("password", "old.lua", 'local pwd = "{}"\n', TYPED),
    ("password", "os.py", 'word = os.environ.get("DB_PASSWORD", "{}")\n', TYPED),
    ("password", "if.py", 'if password == "{}":\n    login()\n', TYPED),
    ("password", "set.java", 'source.setPassword("{}");\n', TYPED),
    ("AWS secret access key", "aws.ini", "[default]\naws_secret_access_key = {}\n", AWS),
    ("AWS secret access key", "Aws.kt", 'val awsSecretKey = "{}"\n', AWS),
    ("Mistral key", "chat.py", 'MISTRAL_API_KEY = "{}"\n', draw(LETTERS, 32, "mistral")),
    ("Cohere key", "chat.js", "const cohereApiKey = '{}';\n", draw(LETTERS, 40, "cohere")),
    ("Datadog key", "agent.yaml", "datadog_api_key: {}\n", draw(HEX, 32, "datadog")),
    ("Twilio key", "sms.rb", "TWILIO_AUTH_TOKEN = '{}'\n", draw(HEX, 32, "twilio")),
    ("Heroku token", "heroku.sh", 'export HEROKU_API_KEY="{}"\n', UUID),
    ("Azure client secret", "az.tf", 'azure_client_secret = "{}"\n', LONG),
    ("Ethereum private key", "eth.js", "ethereumPrivateKey: '0x{}',\n", draw(HEX, 64, "eth")),
    ("token or key", "settings.py", "SECRET_KEY = '{}'\n", DJANGO),
    ("token or key", "secrets.rb", "secret_key_base: {}\n", draw(HEX, 128, "rails")),
    ("token or key", "auth.go", 'var jwtSigningKey = []byte("{}")\n', LONG),
    ("token or key", "ci.py", 'headers["X-Api-Key"] = "{}"\n', LONG),
    ("token or key", ".yarnrc.yml", 'npmAuthToken: "{}"\n', LONG),
    ("token or key", "npmrc.txt", "//registry.invalid/:_authToken={}\n", UUID),
    ("registry login", "config.json", '{{"auths": {{"h.invalid": {{"auth": "{}=="}}}}}}\n', LOGIN),
    ("Authorization header", "a.http", "GET /\nAuthorization: Bearer {}\n", LONG),
    ("Authorization header", "b.js", "h = {{ authorization: 'Basic {}==' }};\n", LOGIN),
    ("password", "seed.json", '{{"db": "{{\\"password\\": \\"{}\\"}}"}}\n', TYPED),
    ("token or key", "seed.py", 'x = "{{\\"api_key\\": \\"{}\\"}}"\n', LONG),
    ("password", "block.yaml", "db:\n  password: |\n    {}\n  pool: 5\n", TYPED),
    ("token or key", "folded.yaml", "api_key: >-\n  {}\nport: 1\n", LONG),
    ("password", "anchor.yaml", "password: &main {}\n", TYPED),
    ("password", "db.h", '#define DB_PASSWORD "{}"\n', TYPED),
    ("password", "db.c", 'static char password[16] = "{}";\n', TYPED),
    ("password", "db.cpp", 'std::string password{{"{}"}};\n', TYPED),
    ("password", "long.py", 'password = (\n    "{}"\n)\n', TYPED),
    ("password", "db.tf", 'variable "db_password" {{\n  default = "{}"\n}}\n', TYPED),
    ("password", "role.sql", "ALTER ROLE app WITH PASSWORD '{}';\n", TYPED),
    ("password", "user.sql", "CREATE USER app IDENTIFIED BY '{}';\n", TYPED),
    ("password", "note.ini", "password={} ; of the database\n", TYPED),
    ("password", "notes.md", "**Password:** {}\n", TYPED),
    ("token or key", "Dockerfile", "ENV API_KEY {}\nRUN make\n", LONG),
    ("token or key", "anmeldung.py", 'kennwort = "{}"\n', TYPED),
    ("token or key", "clave.py", 'contrase\u00f1a = "{}"\n', TYPED),
    ("password on a command line", "dump.sh", "mysqldump -u app -p{} app\n", TYPED),
    ("Authorization header", "c.sh", "curl -H 'Authorization: token {}' h\n", draw(HEX, 40, "hub")),
    ("password in an address", "a.py", 'URL = "postgres://app:{}@db.internal/app"\n', "s3cr3tw0rd"),
    ("password in an address", "b.rb", "redis = 'redis://:{}@cache:6379/0'\n", "wombatzoo7"),
    ("password in an address", "c.js", "'mongodb+srv://app:{}@c0.invalid/x'\n", "wombatzoo7"),
    ("password in an address", "d.py", 'broker = "amqps://app:{}@mq/v"\n', "wombatzoo7"),
    ("netrc password", "net.sh", "echo 'machine h login bot password {}' >> rc\n", "wombatzoo7"),
    ("password on a command line", "up.sh", "curl -fsS -u bot:{} https://h/x\n", "wombatzoo7"),
    ("password on a command line", "in.sh", "sshpass -p '{}' ssh bot@h\n", "wombatzoo7"),
    ("Azure storage key", "s.cs", '"AccountName=a;AccountKey={}==;"\n', draw(BASE64, 86, "az")),
    ("Azure shared key", "b.py", '"SharedAccessKey={}="\n', draw(BASE64, 43, "bus")),
    ("Azure shared signature", "u.js", "'https://a/b?sv=1&sig={}%3D'\n", draw(LETTERS, 43, "s")),
    ("Slack webhook", "n.py", '"https://hooks.slack.com/services/T0AB1/B0CD2/{}"\n',
     draw(LETTERS, 24, "hook")),
    ("Discord webhook", "n.js", "'https://discord.com/api/webhooks/123456789/{}'\n",
     draw(URLSAFE, 68, "hook")),
)  # fmt: skip


def assigned() -> Iterator[tuple[str, str, str, str]]:
    """Yield kind, file name, text and secret."""
    for kind, name, frame, secret in ASSIGNED:
        yield kind, name, frame.format(secret), secret
