"""Which files never leave, told from their names, ignore files and the user's patterns."""

import pytest

from codestral_ls.context.privacy import (
    canonical,
    denial,
    file_path,
    path_of,
    paths_of,
    read_disabled,
    read_ignored,
)

SECRET = (
    *(".env", ".env.local", ".ENV", ".env.production.local", ".envrc", "prod.env", ".env~"),
    *("server.pem", "server.key", "a.p12", "a.pfx", "a.jks", "a.keystore", "a.kdbx", "a.ppk"),
    *("my-private.asc", "id_rsa", "id_ed25519", "deploy_rsa", "server.key.bak", "tls.crt"),
    *("credentials", "credentials.json", "credentials.toml", "service-account-prod.json"),
    *("client_secret_123.json", ".netrc", "_netrc", ".pgpass", ".my.cnf", ".npmrc", ".pypirc"),
    *(".git-credentials", ".htpasswd", ".dockercfg", "a/.docker/config.json", ".kube/config"),
    *("kubeconfig", ".aws/config", ".aws/sso/cache/x.json", ".azure/a.json", ".ssh/config"),
    *(".config/gcloud/a.db", ".config/gh/hosts.yml", ".gnupg/x", ".password-store/a/b.gpg"),
    *("a.1pif", "vault.yml", ".vault_pass.txt", ".vault-token", "a.tfstate", "a.tfstate.backup"),
    *("prod.tfvars", "prod.auto.tfvars.json", "config/master.key", "config/credentials.yml.enc"),
    *("secrets.yml", "secrets.yaml", "secrets.json", "secrets.toml", "secrets.ini", "Secrets.YML"),
    *("db-secret.yaml", "secrets/db.yaml", "run/secrets/db", ".secrets", ".bash_history"),
    *(".python_history", ".psql_history", ".node_repl_history", ".Rhistory", "wallet.dat"),
    *("login.keychain", "passwords.txt", ".env::$DATA", ".env.", "local.settings.json"),
)
ORDINARY = (
    *("secrets.py", "key.go", "env.ts", "credentials.rb", "history.c", "token.rs", "passwords.kt"),
    *(".env.example", ".env.sample", ".env.template", ".env.local.dist", "example.env"),
    *("environment.ts", "env.py", "src/secrets/store.py", "ssh/config.go", "aws/client.py"),
    *("keys.json", "history.md", "docker/config.json", "id_rsa.pub", "keychain.swift", "a.tf"),
    *("password_test.go", "tokens.yml", "settings.json", "config.toml", "secret.rs", ".gitignore"),
    *("envoy.yaml", "kube/config.go", "pem.c", "Dockerfile", "public.asc", ".eslintrc.json"),
)


@pytest.mark.parametrize("name", SECRET)
@pytest.mark.parametrize("folder", ["", "/home/me/shop/", "C:\\Users\\Me\\shop\\"])
def test_secret_files_are_denied(folder: str, name: str) -> None:
    """Whatever system wrote the path, and however its letters are written."""
    windows = name.replace("/", "\\") if "\\" in folder else name
    assert denial(folder + windows).startswith("secret file: ")
    assert denial(folder + windows.upper()).startswith("secret file: ")


@pytest.mark.parametrize("name", ORDINARY)
def test_ordinary_code_is_not_denied(name: str) -> None:
    """Speaking of secrets is not having any."""
    assert denial(f"/home/me/shop/{name}") == ""


@pytest.mark.parametrize(
    ("path", "rule"),
    [
        ("/a/.env", "secret file: .env"),
        ("/a/.env.local", "secret file: .env.*"),
        ("/a/server.pem", "secret file: *.pem"),
        ("/a/.ssh/known_hosts", "secret file: .ssh/"),
        ("/a/secrets.yml", "secret file: secrets.yml"),
        ("/a/secrets/x.json", "secret file: secrets/"),
    ],
)
def test_a_rule_has_a_name_for_the_user(path: str, rule: str) -> None:
    """It says which pattern the file fits."""
    assert denial(path) == rule


def test_dots_in_a_path_hide_nothing() -> None:
    """Rules look at where a path leads."""
    assert denial("/a/src/../.ssh/x.py") == "secret file: .ssh/"
    assert denial("/a/.ssh/../src/x.py") == ""


def test_an_ignore_file_denies_what_git_would_ignore() -> None:
    """Patterns hold from its folder down, and not beside it."""
    ignored = [read_ignored("/w", "*.gen.py\nbuild/\n/top.py\n")]
    denied = ("/w/a.gen.py", "/w/sub/b.gen.py", "/w/build/c.py", "/w/sub/build/c/d.py", "/w/top.py")
    for path in denied:
        assert denial(path, ignored=ignored) == "listed in .codestralignore", path
    for path in ("/w/a.py", "/w/sub/top.py", "/w2/a.gen.py", "/a.gen.py", "/w/build.py"):
        assert denial(path, ignored=ignored) == "", path


def test_what_is_in_an_ignored_folder_stays_ignored() -> None:
    """As in git, which does not look into it for exceptions."""
    for exception in ("!private/a.py", "!private/**", "!private/**/a.py"):
        ignored = [read_ignored("/w", f"private\n{exception}\n")]
        assert denial("/w/private/a.py", ignored=ignored) == "listed in .codestralignore"
    ignored = [read_ignored("/w", "private/*\n!private/a.py\n")]
    assert denial("/w/private/a.py", ignored=ignored) == ""


def test_an_inner_ignore_file_overrules_an_outer_one() -> None:
    """But nothing comes back out of an ignored folder."""
    outer = read_ignored("/w", "*.py\nclosed/\n")
    ignored = [outer, read_ignored("/w/sub", "!a.py\n"), read_ignored("/w/closed", "!a.py\n")]
    assert denial("/w/sub/a.py", ignored=ignored) == ""
    assert denial("/w/sub/b.py", ignored=ignored)
    assert denial("/w/closed/a.py", ignored=ignored)


@pytest.mark.parametrize("text", [None, "!\n", "*.py\n[z-a]\n"])
def test_an_unreadable_ignore_file_denies_all_below_it(text: str | None) -> None:
    """Nobody knows what it was to keep."""
    ignored = [read_ignored("/w/sub", text)]
    assert denial("/w/sub/deep/a.py", ignored=ignored) == "unreadable .codestralignore"
    assert denial("/w/a.py", ignored=ignored) == ""


def test_no_exception_in_an_ignore_file_allows_a_secret_file() -> None:
    """Names come first."""
    assert denial("/w/.env", ignored=[read_ignored("/w", "!.env\n")])


@pytest.mark.parametrize(
    ("pattern", "denied", "allowed"),
    [
        ("**/secret/**", ["/x/secret/a.py", "/w/p/secret/b/c.py"], ["/w/p/secrets/a.py"]),
        ("~/w/*", ["/home/me/w/a.py", "/home/me/w/b/c.py"], ["/home/me/a.py"]),
        ("~", ["/home/me/a.py"], ["/home/you/a.py"]),
        ("/abs/*.sql", ["/abs/a.sql"], ["/w/p/abs/a.sql", "/abs/b/a.sql"]),
        ("src/gen/", ["/w/p/src/gen/a.py", "/v [1]/src/gen/b/c.py"], ["/x/src/gen/a.py"]),
        ("*.sql", ["/x/y/a.sql", "/a.sql"], ["/x/sql.py"]),
        ("C:\\w\\", ["c:\\w\\a.py", "C:/w/b/c.py"], ["D:/w/a.py", "C:/a.py"]),
        ("# no pattern", [], ["/w/p/# no pattern"]),
    ],
)
def test_the_users_patterns_deny(pattern: str, denied: list[str], allowed: list[str]) -> None:
    """As in ignore files; absolute ones, those of home, and those inside of workspace folders."""
    disabled = read_disabled([pattern], folders=["/w/p", "/v [1]"], home="/home/me")
    for path in denied:
        assert denial(path, disabled=disabled) == "listed in disabled_paths", path
    for path in allowed:
        assert denial(path, disabled=disabled) == "", path


def test_later_patterns_of_the_user_make_exceptions() -> None:
    """Their order counts, as everywhere in this syntax."""
    disabled = read_disabled(["*.sql", "!src/ok.sql"], folders=["/w"], home="/h")
    assert denial("/w/src/a.sql", disabled=disabled)
    assert denial("/w/src/ok.sql", disabled=disabled) == ""


def test_where_letters_are_the_same_in_both_cases_patterns_are() -> None:
    """On such systems the same file is opened by either name."""
    folded = read_ignored("/W", "Secret/\n", fold=True)
    assert denial("/w/SECRET/a.py", ignored=[folded])
    assert denial("/w/SECRET/a.py", ignored=[read_ignored("/w", "Secret/\n")]) == ""


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///home/me/a%20b.py", "/home/me/a b.py"),
        ("file:///c%3A/w/a.py", "c:/w/a.py"),
        ("file:///C:/w/a.py", "C:/w/a.py"),
        ("file://host/share/a.py", "//host/share/a.py"),
        ("file://localhost/a.py", "/a.py"),
        ("untitled:.env", ".env"),
        ("untitled:Untitled-1", "Untitled-1"),
        ("vscode-notebook-cell:/w/a.ipynb#W1sZmlsZQ%3D%3D", "/w/a.ipynb"),
        ("git:/w/.env?%7B%22ref%22%3A%22%22%7D", "/w/.env"),
        ("/w/a.py", "/w/a.py"),
        ("C:\\w\\a.py", "C:\\w\\a.py"),
        ("http://[bad/a.py", "//[bad/a.py"),
    ],
)
def test_documents_have_the_path_of_their_file(uri: str, path: str) -> None:
    """Cells of notebooks, versions of files and unsaved documents have one too."""
    assert path_of(uri) == path


@pytest.mark.parametrize(
    ("uri", "paths"),
    [
        ("file:///w/a.py", {"/w/a.py"}),
        ("file:///w/c#/a%20b.py", {"/w/c", "/w/c#/a b.py"}),
        ("file:///w/a?.py", {"/w/a", "/w/a?.py"}),
        ("git:/w/id_rsa.git", {"/w/id_rsa.git", "/w/id_rsa"}),
    ],
)
def test_documents_may_have_several_paths(uri: str, paths: set[str]) -> None:
    """Where it is not sure what a client means, all that it may mean counts."""
    assert set(paths_of(uri)) == paths


@pytest.mark.parametrize(
    ("uri", "path"),
    [
        ("file:///w/a%20b.py", "/w/a b.py"),
        ("file:///C%3A/w/a.py", "c:/w/a.py"),
        ("file:///w/..a/b...py", "/w/..a/b...py"),
        ("file:///w/../x/a.py", ""),
        ("file:///w/%2e%2e/x/a.py", ""),
        ("file:///w/./a.py", ""),
        ("file:///w/c#/a.py", ""),
        ("untitled:/w/a.py", ""),
        ("git:/w/a.py", ""),
    ],
)
def test_the_index_knows_files_by_plain_paths_only(uri: str, path: str) -> None:
    """By any other it could take a file for one of the workspace that is none."""
    assert file_path(uri) == path


def test_paths_have_one_form() -> None:
    """All rules look at the same."""
    assert canonical("C:\\a\\..\\b") == canonical("c:/b") == "/c:/b"
    assert canonical("/a//b/") == "/a/b/"
