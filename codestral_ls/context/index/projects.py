"""Which project of a workspace a folder belongs to. Pure."""

from collections.abc import Sequence

MANIFESTS = frozenset(
    {
        *("pyproject.toml", "setup.py", "setup.cfg", "package.json", "deno.json", "Cargo.toml"),
        *("go.mod", "pom.xml", "build.gradle", "build.gradle.kts", "build.sbt", "composer.json"),
        *("Gemfile", "CMakeLists.txt", "Makefile", "meson.build", "Package.swift", "mix.exs"),
        *("pubspec.yaml", "build.zig", "dune-project", "stack.yaml"),
    }
)
MANIFEST_ENDINGS = (".csproj", ".fsproj", ".vcxproj", ".cabal", ".gemspec", ".xcodeproj")


def is_manifest(name: str) -> bool:
    """Whether a file of this name stands at the top of a project."""
    return name in MANIFESTS or name.endswith(MANIFEST_ENDINGS)


class Projects:
    """The projects of a workspace: what lies below a manifest, and not below a nearer one.

    Where there is none, each folder at the top of a workspace folder is a project.
    """

    def __init__(self, folders: Sequence[str]) -> None:
        self._tops = sorted((folder.rstrip("/") for folder in folders), key=len, reverse=True)
        self._manifests: set[str] = set()
        self._known: dict[str, str] = {}

    def put_manifest(self, folder: str) -> bool:
        """Takes note that a manifest lies in a folder; returns whether that is news."""
        if folder in self._manifests:
            return False
        self._manifests.add(folder)
        self._known.clear()
        return True

    def project_of(self, folder: str) -> str:
        """Returns the topmost folder of the project to which a folder belongs."""
        if folder not in self._known:
            self._known[folder] = self._find(folder)
        return self._known[folder]

    def relative(self, path: str) -> str:
        """Returns a path as seen from its workspace folder; one from elsewhere as it is."""
        top = self._top(path)
        return path[len(top) + 1 :] if top is not None else path

    def _top(self, path: str) -> str | None:
        return next((top for top in self._tops if path.startswith(top + "/")), None)

    def _find(self, folder: str) -> str:
        top = self._top(folder + "/")
        if top is None:
            return folder
        at = folder
        while len(at) > len(top):
            if at in self._manifests:
                return at
            at = at.rpartition("/")[0]
        if top in self._manifests:
            return top
        first = folder[len(top) + 1 :].partition("/")[0]
        return f"{top}/{first}" if first else top
