"""The files that hold secrets by convention, told from their names. Pure.

All patterns are in lower case. Which of them fits is what the user is told.
"""

import re
from fnmatch import translate

DATA = frozenset(
    {"cfg", "conf", "csv", "enc", "ini", "json", "plist", "properties", "toml", "txt", "xml"}
    | {"yaml", "yml"}
)
"""Endings of files that are data: `secrets.py` is code, `secrets.yml` is not."""

NAMES = frozenset(
    {
        # environments of processes
        *(".env", ".envrc", ".dev.vars", ".renviron", ".flaskenv", "local.settings.json"),
        # private keys
        *("id_rsa", "id_dsa", "id_ecdsa", "id_ed25519", "id_ecdsa_sk", "id_ed25519_sk"),
        # credentials of services and tools
        *("credentials", ".credentials", "credentials.tfrc.json", ".netrc", "_netrc"),
        *(".authinfo", ".pgpass", "pgpass.conf", ".my.cnf", ".mylogin.cnf", ".npmrc", ".pypirc"),
        *(".git-credentials", ".gitcredentials", ".htpasswd", ".htdigest", ".dockercfg"),
        *(".dockerconfigjson", "kubeconfig", ".boto", ".s3cfg", ".passwd-s3fs", "rclone.conf"),
        *(".rclone.conf", ".terraformrc", "terraform.rc", "settings-security.xml"),
        *("sitemanager.xml", "wpa_supplicant.conf", ".secret", ".secrets"),
        # stores of passwords, tokens and coins
        *("wallet.dat", ".vault-token", "vault.yml", "vault.yaml", "vault.json", "logins.json"),
        *("key4.db", "cookies.sqlite"),
        # what was typed at a prompt
        *(".histfile", ".lesshst", ".viminfo", "consolehost_history.txt", "fish_history"),
    }
)
ENDINGS = (
    *(".env", ".pem", ".key", ".p8", ".p12", ".pfx", ".pkcs12", ".jks", ".jceks", ".bcfks"),
    *(".keystore", ".truststore", ".ppk", ".snk", ".crt", ".cer", ".cert", ".der", ".ovpn"),
    *(".mobileprovision", ".gpg", ".pgp", ".rdp", ".nmconnection", ".kubeconfig", ".wallet"),
    *("_rsa", "_dsa", "_ecdsa", "_ed25519", "credentials.json", "credentials.csv", ".tfstate"),
    *(".tfvars", ".tfvars.json", ".yml.enc", ".yaml.enc", ".kdb", ".kdbx", ".psafe3", ".1pif"),
    *(".1pux", ".keychain", ".keychain-db"),
)
GLOBS = (
    *(".env.*", ".env-*", ".env_*", ".dev.vars.*", "*private*.asc", "*secret*.asc", "secring.*"),
    *("ssh_host_*_key", "service-account*.json", "service_account*.json", "serviceaccount*.json"),
    *("*firebase-adminsdk*.json", "client_secret*.json", "kubeconfig.*", "*.tfstate.*"),
    *("utc--*", ".vault_pass*", ".vault-pass*", "vault_pass*", ".secrets.*", ".*history"),
)
STEMS = ("credential", "credentials", "password", "passwords", "secret", "secrets")
"""Names, or their last words, of files with one of the endings in `DATA`."""
FOLDERS = frozenset(
    {".ssh", ".gnupg", ".kube", ".aws", ".azure", ".password-store", ".secrets", ".electrum"}
)
TAILS = (
    *(".docker/config.json", "gh/hosts.yml", ".config/hub", ".m2/settings.xml"),
    *(".gradle/gradle.properties", "etc/shadow", "etc/gshadow"),
)
TREES = (".config/gcloud/", ".config/gh/", ".config/glab-cli/", "etc/wireguard/", "run/secrets/",
         ".agilekeychain/", ".opvault/")  # fmt: skip

TEMPLATES = frozenset({"example", "sample", "template", "tmpl", "dist", "defaults"})
"""Kinds of `.env` that are there to be copied and filled in, and hold no secrets."""

_BACKUP = re.compile(r"(?:~|\.(?:bak|backup|old|orig|save|swp|tmp))+$")
_GLOB = re.compile("|".join(f"({translate(each)})" for each in GLOBS))
_STEM = re.compile(rf"(?:.*[._-])?(?:{'|'.join(STEMS)})\.(?:{'|'.join(sorted(DATA))})(?:\.enc)?$")


def find_pattern(path: str) -> str:
    """Returns the pattern that a path fits, "" if none does; "/" separates folders."""
    path = _BACKUP.sub("", path.lower().rstrip(" ."))
    folder, _, name = path.rpartition("/")
    return _of_folder(folder) or _of_name(name) or _of_path(f"/{path}", folder, name)


def _of_folder(folder: str) -> str:
    found = FOLDERS.intersection(folder.split("/"))
    if found:
        return f"{min(found)}/"
    return next((each for each in TREES if each in f"/{folder}/"), "")


def _of_name(name: str) -> str:
    # A stream of NTFS, as in `.env::$DATA`, is the file.
    name = name.partition(":")[0] if ":" in name[1:] else name
    if name in NAMES:
        return name
    found = ""
    if name.endswith(ENDINGS):
        found = next(f"*{each}" for each in ENDINGS if name.endswith(each))
    elif glob := _GLOB.match(name):
        found = GLOBS[(glob.lastindex or 1) - 1]
    elif _STEM.match(name):
        found = f"secrets.{name.rpartition('.')[2]}"
    return "" if found and _is_template(name) else found


def _of_path(path: str, folder: str, name: str) -> str:
    if path.endswith(TAILS):
        return next(each for each in TAILS if path.endswith(each))
    if folder.endswith("secrets") and name.rpartition(".")[2] in DATA:
        return "secrets/"
    return ""


def _is_template(name: str) -> bool:
    words = re.split(r"[._-]", name)
    return "env" in words and bool(TEMPLATES & {words[0], words[-1]})
