"""The house: layout, dependencies, who may import whom, and that the build files say what the sources are."""

import ast
import importlib
import re
import shutil
import subprocess
import sys
import threading
import tomllib
import zipfile
from collections.abc import Iterator
from fnmatch import fnmatch
from http.server import BaseHTTPRequestHandler, HTTPServer
from importlib import metadata
from pathlib import Path
from typing import Any

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name
from packaging.version import Version

from models.catalog import Catalog
from service import settings
from service.version import VERSION

ROOT = Path(__file__).parents[1]
TOP = {
    *("service", "models", "tests", "docker", "pyproject.toml", "README.md"),
    *("Makefile", "LICENSE", "CHANGELOG.md", "CONTRIBUTING.md", "constraints.txt"),
}
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CUDA = ("nvidia-", "cuda-", "triton")  # what torch's CUDA build brings, in the versions that torch itself names


def sources(*packages: str) -> list[Path]:
    return sorted(path for package in packages for path in (ROOT / package).rglob("*.py") if "corpus" not in path.parts)


def imports(path: Path) -> Iterator[str]:
    """The modules that a file imports anywhere, also inside functions."""
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            yield from (alias.name for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{path}:{node.lineno} imports relatively"
            yield node.module or ""


def pins() -> dict[str, str]:
    lines = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
    pairs = (line.split("==") for line in lines if line and not line.startswith("#"))
    return {canonicalize_name(name): version for name, version in pairs}


def closure(requirements: list[str]) -> Iterator[str]:
    """The names of all distributions that `requirements` bring on this machine, from what is installed."""
    waiting, seen = [Requirement(line) for line in requirements], set[tuple[str, frozenset[str]]]()
    while waiting:
        requirement = waiting.pop()
        name, extras = canonicalize_name(requirement.name), frozenset(requirement.extras)
        if (name, extras) in seen or name.startswith(CUDA):
            continue
        seen.add((name, extras))
        yield name
        for line in metadata.requires(name) or []:
            needed = Requirement(line)
            if needed.marker is None or any(needed.marker.evaluate({"extra": extra}) for extra in ("", *extras)):
                waiting.append(needed)


# ---------------------------------------------------------------- layout


def test_top_level_is_the_documented_layout() -> None:
    ignored = [line.strip("/") for line in (ROOT / ".gitignore").read_text(encoding="utf-8").split()]
    names = {path.name for path in ROOT.iterdir() if not path.name.startswith(".")}
    assert {name for name in names if not any(fnmatch(name, pattern) for pattern in ignored)} == TOP


def test_no_file_points_outside_the_checkout() -> None:
    outside = re.compile(r"(?<![\w.-])(\.\./)?shared" + r"/")
    text = (".py", ".md", ".toml", ".txt", ".yaml", ".html", ".json", "Makefile", "Dockerfile", "run")
    files = [ROOT / name for name in TOP if (ROOT / name).is_file()]
    files += [path for name in ("service", "models", "tests", "docker", ".ci") for path in (ROOT / name).rglob("*")]
    found = [path for path in files if path.name.endswith(text) and outside.search(path.read_text(encoding="utf-8"))]
    assert not found


# ---------------------------------------------------------------- who may import whom


def test_models_never_imports_service() -> None:
    assert not [path for path in sources("models") if any(name.split(".")[0] == "service" for name in imports(path))]


def test_only_the_settings_read_the_environment() -> None:
    def reads(path: Path) -> bool:
        tree = ast.parse(path.read_text(encoding="utf-8"))
        names = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        names |= {alias.name for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) for alias in node.names}
        return bool(names & {"environ", "environb", "getenv", "getenvb"})

    assert [path for path in sources("models", "service") if reads(path)] == [ROOT / "service/settings.py"]


def test_every_imported_package_is_a_declared_dependency() -> None:
    declared = {canonicalize_name(Requirement(line).name) for line in PROJECT["dependencies"]}
    for extra in PROJECT["optional-dependencies"].keys() - {"test"}:
        declared |= {canonicalize_name(Requirement(line).name) for line in PROJECT["optional-dependencies"][extra]}
    distributions = metadata.packages_distributions()
    imported = {name.split(".")[0] for path in sources("models", "service") for name in imports(path)}
    foreign = imported - sys.stdlib_module_names - {"models", "service"}
    undeclared = {
        name for name in foreign if not {canonicalize_name(dist) for dist in distributions.get(name, [name])} & declared
    }
    assert not undeclared


# ---------------------------------------------------------------- versions and packaging


def test_everything_that_is_installed_is_pinned() -> None:
    pinned = pins()
    wanted = [*PROJECT["dependencies"], *PROJECT["optional-dependencies"]["test"]]
    applying = [line for line in wanted if (marker := Requirement(line).marker) is None or marker.evaluate()]
    installed = {name: Version(metadata.version(name)).public for name in closure(applying)}
    assert {name: pinned.get(name) for name in installed} == installed
    assert {"pip", "setuptools"} <= pinned.keys()


def test_torch_is_pinned_exactly_and_its_cuda_libraries_are_not() -> None:
    assert re.fullmatch(r"[\d.]+", pins()["torch"])
    assert not [name for name in pins() if name.startswith(CUDA)]


def test_the_version_is_the_top_entry_of_the_changelog() -> None:
    entries = re.findall(r"^## (\S+)", (ROOT / "CHANGELOG.md").read_text(encoding="utf-8"), re.MULTILINE)
    assert entries[0] == VERSION


def test_the_command_can_be_called() -> None:
    module, _, name = PROJECT["scripts"]["mujaz"].partition(":")
    assert callable(getattr(importlib.import_module(module), name))


def test_the_wheel_holds_the_sample_models_and_all_data_but_not_the_corpus(tmp_path: Path) -> None:
    tree = tmp_path / "tree"
    tree.mkdir()
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, tree)
    for name in ("models", "service"):
        shutil.copytree(ROOT / name, tree / name, ignore=shutil.ignore_patterns("__pycache__"))
    command = "import sys; from setuptools.build_meta import build_wheel; build_wheel(sys.argv[1])"
    subprocess.run([sys.executable, "-c", command, str(tmp_path)], cwd=tree, check=True, capture_output=True)
    packed = set(zipfile.ZipFile(next(tmp_path.glob("*.whl"))).namelist())
    kept = {
        path.relative_to(tree).as_posix()
        for name in ("models", "service")
        for path in (tree / name).rglob("*")
        if path.is_file() and "corpus" not in path.parts
    }
    assert {name for name in packed if not name.startswith("mujaz-")} == kept
    samples = [entry.folder for entry in Catalog.load().entries if entry.sample]
    assert all(f"models/sample/{folder}/model.safetensors" in packed for folder in samples)


# ---------------------------------------------------------------- Makefile, images, hooks


def targets() -> set[str]:
    makefile = (ROOT / "Makefile").read_text(encoding="utf-8")
    return set(re.search(r"^\.PHONY: (.*)$", makefile, re.MULTILINE)[1].split())


def dockerfile() -> list[tuple[str, str]]:
    """The instructions, each with its arguments; continued lines joined, comments left out."""
    text = re.sub(r"^\s*#.*\n", "", (ROOT / "docker/Dockerfile").read_text(encoding="utf-8"), flags=re.MULTILINE)
    lines = re.sub(r"\\\n\s*", "", text).splitlines()
    return [(word, rest) for word, _, rest in (line.partition(" ") for line in lines if line)]


def compose() -> dict[str, Any]:
    document: dict[str, Any] = yaml.safe_load((ROOT / "docker/compose.yaml").read_text(encoding="utf-8"))
    return document


def test_the_makefile_has_the_documented_targets() -> None:
    assert {"brief", "serve", "test", "check"} <= targets()


@pytest.mark.parametrize("target", ["brief", "serve", "test", "check"])
def test_every_target_installs_with_the_pinned_versions(target: str) -> None:
    command = ["make", "--dry-run", "--always-make", "--no-print-directory", target]
    plan = subprocess.run(command, cwd=ROOT, check=True, capture_output=True, text=True).stdout
    installs = [line for line in plan.splitlines() if re.search(r"pip .*\binstall\b", line)]
    assert len(installs) >= 3
    assert all("--constraint constraints.txt" in line for line in installs)


def test_the_image_is_installed_by_the_makefile() -> None:
    runs = [rest for word, rest in dockerfile() if word == "RUN"]
    made = [re.sub(r"--mount=\S+ ", "", run).split() for run in runs if "make install" in run]
    assert [run[:2] for run in made] == [["make", "install"]]
    assert "install" in targets()
    assert not [run for run in runs if re.search(r"\bpip3? install|-m venv", run)]


def test_a_container_has_time_to_finish_what_it_accepted() -> None:
    for service in ("cpu", "gpu"):
        grace = compose()["services"][service]["stop_grace_period"]
        assert int(grace.removesuffix("s")) > settings.read({}).drain


def test_base_images_are_pinned_to_a_release() -> None:
    bases = [rest.split()[0] for word, rest in dockerfile() if word == "FROM"]
    assert bases
    assert all(re.fullmatch(r"python:3\.11\.\d+-slim-[a-z]+", base) for base in bases)


def test_the_image_runs_as_an_ordinary_user_and_looks_after_itself() -> None:
    last = {word: rest for word, rest in dockerfile() if word != "ENV"}
    assert last["USER"] not in ("root", "0")
    assert last["VOLUME"] == '["/weights", "/data"]'
    assert '"--host", "0.0.0.0"' in last["CMD"]
    assert '"/opt/mujaz/docker/healthcheck.py", "8000"' in last["HEALTHCHECK"]
    assert "!docker/healthcheck.py" in (ROOT / ".dockerignore").read_text(encoding="utf-8")


class Answer(BaseHTTPRequestHandler):
    """Answers `/healthz` and nothing else."""

    def do_GET(self) -> None:
        self.send_response(200 if self.path == "/healthz" else 404)
        self.end_headers()

    def log_message(self, *_: object) -> None: ...


def test_the_health_check_tells_an_answering_service_from_a_dead_one() -> None:
    def check(port: int) -> int:
        command = [sys.executable, str(ROOT / "docker/healthcheck.py"), str(port)]
        return subprocess.run(command, capture_output=True, check=False).returncode

    with HTTPServer(("127.0.0.1", 0), Answer) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        assert check(server.server_port) == 0
        server.shutdown()
        thread.join()
    assert check(server.server_port) == 1


def test_the_image_is_given_every_file_that_its_installation_reads() -> None:
    kept = [line[1:] for line in (ROOT / ".dockerignore").read_text(encoding="utf-8").splitlines() if line[:1] == "!"]
    assert {"Makefile", "constraints.txt", "pyproject.toml", "README.md", "LICENSE", "models", "service"} <= set(kept)
    assert all((ROOT / name).exists() for name in kept)


@pytest.mark.parametrize("name", ["cpu", "gpu"])
def test_compose_publishes_on_this_machine_only_and_shuts_the_container_in(name: str) -> None:
    service = compose()["services"][name]
    assert service["profiles"] == [name]
    assert all(port.startswith("127.0.0.1:") for port in service["ports"])
    assert service["read_only"] is True
    assert service["tmpfs"] == ["/tmp"]
    assert "no-new-privileges:true" in service["security_opt"]
    assert service["volumes"] == ["weights:/weights", "data:/data"]
    assert service["build"]["dockerfile"] == "docker/Dockerfile"


def test_hooks_are_local_and_run_what_the_makefile_checks() -> None:
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    assert [repo["repo"] for repo in hooks] == ["local"]
    plan = subprocess.run(["make", "--dry-run", "check"], cwd=ROOT, check=True, capture_output=True, text=True).stdout
    tools = {hook["entry"].split()[0] for hook in hooks[0]["hooks"]}
    assert tools == set(re.findall(r"^\.venv/bin/(?!python)\S+", plan, re.MULTILINE))


def test_the_ci_script_is_sound_and_runs_the_same_targets() -> None:
    script = ROOT / ".ci/run"
    assert script.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(script)], check=True)
    called = re.findall(r"^make (\w+)", script.read_text(encoding="utf-8"), re.MULTILINE)
    assert called == ["check", "test"]
    assert set(called) <= targets()
