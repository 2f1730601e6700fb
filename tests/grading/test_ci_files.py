"""The CI files that are there to be copied: read by their readers, their commands run."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

from tests.grading import readers
from tests.grading.classes import class_of, course_of, filled

ROOT = Path(__file__).parent.parent.parent
CI = ROOT / "docs" / "ci"
CHAIN_FILE, FORK_FILE = "1_chain/chain.toml", "2_forks/fork.toml"

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="shell scripts")


@pytest.fixture
def shell(tmp_path: Path) -> dict[str, str]:
    """An environment as a container's, with nothing of ours in it: its ``backtrace`` is this one, and its
    ``pip install`` is written down, not done."""
    bin = tmp_path / "bin"
    bin.mkdir()
    real = (
        f'#!/bin/sh\nif [ "$2" = pip ]; then echo "$@" >> {tmp_path}/installed; exit 0; fi\n'
        f'exec {sys.executable} "$@"\n'
    )
    backtrace = f'#!/bin/sh\nexec {sys.executable} -m backtrace_cli "$@"\n'
    venv = (
        '#!/bin/sh\nif [ "$2" = venv ]; then mkdir -p "$3/bin"; '
        f'cp {bin}/python {bin}/backtrace "$3/bin/"; exit 0; fi\nexec {bin}/python "$@"\n'
    )
    for name, text in (("python", real), ("backtrace", backtrace), ("python3", venv)):
        (bin / name).write_text(text)
        (bin / name).chmod(0o755)
    home = tmp_path / "home"
    home.mkdir()
    return {"PATH": f"{bin}:/usr/local/bin:/usr/bin:/bin", "HOME": str(home), "LANG": "C.UTF-8",
            "PYTHONPATH": str(ROOT), "NO_COLOR": "1", "COLUMNS": "80",
            "BACKTRACE": "backtrace-cli"}  # fmt: skip


def run(command: str, folder: Path, env: dict[str, str]) -> subprocess.CompletedProcess[str]:
    """A step, as a runner runs it."""
    return subprocess.run(
        ["bash", "-eo", "pipefail", "-c", command], cwd=folder, env=env, capture_output=True, text=True
    )


def classroom(folder: Path) -> tuple[Path, Path]:
    """``course`` and ``submissions`` in ``folder``."""
    wrong = {CHAIN_FILE: filled(CHAIN_FILE), FORK_FILE: filled(FORK_FILE, x='"2*x"')}
    submissions = class_of(folder, {"ada": None, "ben": wrong, "cy": {}})
    return course_of(folder), submissions.rename(folder / "submissions")


def steps(job: dict[str, Any]) -> list[str]:
    """The commands of a GitHub job."""
    assert "runs-on" in job
    for step in job["steps"]:
        assert ("run" in step) != ("uses" in step)
        if "uses" in step:
            assert re.fullmatch(r"[\w-]+/[\w-]+@[0-9a-f]{40}", step["uses"])
    return [step["run"] for step in job["steps"] if "run" in step]


def test_github_actions(tmp_path: Path, shell: dict[str, str]) -> None:
    """Two shards, then one report of the whole; none is red as ben is not done; one step has the key."""
    text = (CI / "github-actions.yml").read_text("utf-8")
    assert text.count("uses:") == len(re.findall(r"uses: \S+@[0-9a-f]{40} # v\d+\.\d+\.\d+\n", text))
    assert text.count("secrets.") == 1
    workflow = yaml.safe_load((CI / "github-actions.yml").read_text("utf-8"))
    assert set(workflow) == {"name", True, "permissions", "env", "jobs"}  # YAML 1.1 reads the key on as true
    assert workflow["permissions"] == {"contents": "read"}
    work = tmp_path / "work"
    classroom(work)
    env = {**shell, **workflow["env"], "GITHUB_STEP_SUMMARY": str(tmp_path / "summary")}
    jobs = workflow["jobs"]
    shards = jobs["grade"]["strategy"]["matrix"]["shard"]
    assert any("secrets." in str(step.get("env")) for step in jobs["grade"]["steps"])
    for shard in shards:
        for command in steps(jobs["grade"]):
            assert "${{" not in command
            own = {"PART": str(shard), "BACKTRACE_SHARD": f"{shard}/{len(shards)}"}
            result = run(command, work, {**env, **own})
            assert result.returncode == 0, result.stderr
    results = [run(command, work, env) for command in steps(jobs["report"])]
    assert [result.returncode for result in results] == [0, 0], results[-1].stderr
    log = results[-1].stdout
    assert any("lost the one" in command.message for command in readers.commands(log))
    assert [row["student"] for row in readers.grade_book((work / "grades.csv").read_text())] == [
        "ada",
        "ben",
        "cy",
    ]
    readers.junit((work / "grades.xml").read_text())
    assert sorted(path.name for path in (work / "feedback").iterdir()) == ["ada.md", "ben.md", "cy.md"]
    assert (tmp_path / "summary").read_text().startswith("# Grades")
    wanted = f"-m pip install --quiet {workflow['env']['BACKTRACE']}"
    assert (tmp_path / "installed").read_text().splitlines() == [wanted] * 3


def test_classroom50(tmp_path: Path, shell: dict[str, str]) -> None:
    """The autograder leaves result.json and the student's page; without an owner, or a course, neither."""
    work, place = tmp_path / "work", tmp_path / "autograders" / "week1"
    course, submissions = classroom(tmp_path / "other")
    shutil.copytree(submissions / "ben", work)
    (work / "result.json").write_text("{}")
    shutil.copytree(CI / "classroom50", place)
    shutil.copytree(course, place / "course")
    git = ["git", "-c", "user.name=b", "-c", "user.email=b@example.org"]
    for words in (
        ["init", "-q"],
        ["add", "."],
        ["commit", "-qm", "x"],
    ):
        subprocess.run([*git, *words], cwd=work, check=True,
                       env={**os.environ, "GIT_COMMITTER_DATE": "2026-09-01T10:00:00+02:00"})  # fmt: skip
    env = {**shell, "CLASSROOM": "calc", "ASSIGNMENT": "week1", "SUBMISSION_TAG": "submit/1", "OWNER": "ben",
           "GITHUB_ACTOR": "teacher", "COMMIT_URL": "c", "RELEASE_URL": "r"}  # fmt: skip
    result = run(f'"{sys.executable}" "{place}/autograder.py"', work, env)
    assert result.returncode == 0, result.stderr
    text = (work / "result.json").read_text()
    assert readers.classroom50(text) == (7, 9)
    assert (json.loads(text)["owner"], json.loads(text)["datetime"]) == ("ben", "2026-09-01T08:00:00Z")
    assert "`ben`" in (work / "release-body.md").read_text()
    (place / "course" / CHAIN_FILE).write_text("x = [")
    for broken in (env, {**env, "OWNER": ""}):
        assert run(f'"{sys.executable}" "{place}/autograder.py"', work, broken).returncode == 2
        (work / "release-body.md").unlink(missing_ok=True)
    assert not (work / "result.json").exists()


def test_gitlab(tmp_path: Path, shell: dict[str, str]) -> None:
    """Two parallel jobs, then the report, which is not red as ben is not done; the image has git."""
    jobs = yaml.safe_load((CI / "gitlab-ci.yml").read_text("utf-8"))
    assert jobs["stages"] == ["grade", "report"]
    work = tmp_path / "work"
    classroom(work)
    total = jobs["grade"]["parallel"]
    for index in range(1, total + 1):
        env = {**shell, "CI_NODE_INDEX": str(index), "CI_NODE_TOTAL": str(total)}
        for command in (*jobs["grade"]["before_script"], *jobs["grade"]["script"]):
            result = run(command, work, env)
            assert result.returncode == 0, result.stderr
    last = [run(command, work, shell) for command in jobs["report"]["script"]][-1]
    assert last.returncode == 0, last.stderr
    assert not any("slim" in jobs[name]["image"] for name in ("grade", "report"))
    assert "ben" in readers.junit((work / jobs["report"]["artifacts"]["reports"]["junit"]).read_text())
    assert "16 of 27 points" in last.stdout


@pytest.mark.parametrize("student", ["ada", "ben", "cy"])
def test_gradescope(tmp_path: Path, shell: dict[str, str], student: str) -> None:
    """setup.sh and run_autograder below another root than /autograder."""
    root = tmp_path / "autograder"
    course, submissions = classroom(tmp_path / "other")
    shutil.copytree(submissions / student, root / "submission")
    shutil.copytree(course, root / "source" / "course")
    (root / "results").mkdir()
    (root / "submission_metadata.json").write_text(json.dumps({"users": [{"email": "a@example.org"}]}))
    env = {**shell, "AUTOGRADER_ROOT": str(root)}
    folder = CI / "gradescope"
    result = run(f'"{folder}/setup.sh"', root, env)
    assert result.returncode == 0, result.stderr
    assert (tmp_path / "installed").read_text() == "-m pip install --quiet backtrace-cli\n"
    result = run(f'"{folder}/run_autograder"', root, env)
    assert result.returncode == 0, result.stderr
    score = {"ada": 9, "ben": 7, "cy": 0}[student]
    assert readers.gradescope((root / "results" / "results.json").read_text()) == score


def test_gradescope_fails_closed(tmp_path: Path, shell: dict[str, str]) -> None:
    """Where the course is broken there is no result, and the run fails; metadata may be missing."""
    root = tmp_path / "autograder"
    course, submissions = classroom(tmp_path / "other")
    shutil.copytree(submissions / "ada", root / "submission")
    shutil.copytree(course, root / "source" / "course")
    env = {**shell, "AUTOGRADER_ROOT": str(root)}
    run(f'"{CI}/gradescope/setup.sh"', root, env)
    assert run(f'"{CI}/gradescope/run_autograder"', root, env).returncode == 0
    (root / "results" / "results.json").unlink()
    (root / "source" / "course" / CHAIN_FILE).write_text("x = [")
    assert run(f'"{CI}/gradescope/run_autograder"', root, env).returncode == 2
    assert not (root / "results" / "results.json").exists()


SCRIPTS = [CI / "gradescope" / "setup.sh", CI / "gradescope" / "run_autograder", CI / "slurm.sh"]


@pytest.mark.parametrize("path", SCRIPTS, ids=lambda path: path.name)
def test_scripts_are_sound(path: Path) -> None:
    """Each is executable, bash can read it, and shellcheck finds nothing."""
    assert os.access(path, os.X_OK)
    assert path.read_text().startswith("#!/usr/bin/env bash\n")
    assert subprocess.run(["bash", "-n", str(path)]).returncode == 0
    shellchecked(path.read_text("utf-8"))


def shellchecked(script: str) -> None:
    """Hold a script to shellcheck, where that is installed."""
    tool = shutil.which("shellcheck") or str(Path(sys.executable).with_name("shellcheck"))
    if not os.access(tool, os.X_OK):
        pytest.skip("no shellcheck")
    result = subprocess.run([tool, "-s", "bash", "-"], input=script, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_steps_are_sound() -> None:
    """The commands in the templates, held to shellcheck."""
    github = yaml.safe_load((CI / "github-actions.yml").read_text("utf-8"))["jobs"]
    gitlab = yaml.safe_load((CI / "gitlab-ci.yml").read_text("utf-8"))
    found = [command for job in github.values() for command in steps(job)]
    for job in ("grade", "report"):
        found += [*gitlab[job]["before_script"], *gitlab[job]["script"]]
    found += [container(job)["command"][2] for job in kubernetes()]
    assert len(found) == 10
    for command in found:
        shellchecked(f"#!/usr/bin/env bash\n{command}\n")


@pytest.mark.parametrize(
    ("schema", "name"),
    [("vendor.github-workflows", "github-actions.yml"), ("vendor.gitlab-ci", "gitlab-ci.yml")],
)
def test_schemas(schema: str, name: str) -> None:
    """The published schema of the system that reads it."""
    pytest.importorskip("check_jsonschema")
    words = [sys.executable, "-m", "check_jsonschema", "--builtin-schema", schema, str(CI / name)]
    result = subprocess.run(words, capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def test_actionlint() -> None:
    """GitHub's workflow, held to actionlint, where that is installed."""
    tool = shutil.which("actionlint")
    if tool is None:
        pytest.skip("no actionlint")
    result = subprocess.run([tool, str(CI / "github-actions.yml")], capture_output=True, text=True)
    assert result.returncode == 0, result.stdout


def kubernetes() -> list[dict[str, Any]]:
    """The jobs: grade, merge."""
    return list(yaml.safe_load_all((CI / "kubernetes.yml").read_text("utf-8")))


def container(job: dict[str, Any]) -> dict[str, Any]:
    """The one container of a job's."""
    (found,) = job["spec"]["template"]["spec"]["containers"]
    return dict(found)


@pytest.mark.slow
def test_kubernetes(tmp_path: Path, shell: dict[str, str]) -> None:
    """A few parts of an Indexed Job, then the merge; the count agrees, and one container has the key."""
    grade, merge = kubernetes()
    count = grade["spec"]["completions"]
    command = container(grade)["command"]
    assert command[:2] == container(merge)["command"][:2] == ["bash", "-euc"]
    assert f"--shard auto/{count} " in command[2]
    assert "secretKeyRef" in str(container(grade)["env"])
    assert "secretKeyRef" not in str(merge)
    for job in (grade, merge):
        pod = job["spec"]["template"]["spec"]
        assert pod["securityContext"]["runAsNonRoot"]
        assert not pod["automountServiceAccountToken"]
    validate = pytest.importorskip("kubernetes_validate")
    for job in (grade, merge):
        validate.validate(job, "1.31", strict=True)
    work = tmp_path / "work"
    classroom(work)
    script = command[2].replace(f"auto/{count}", "auto/2")
    for index in ("0", "1"):
        result = run(script, work, {**shell, "JOB_COMPLETION_INDEX": index})
        assert result.returncode == 0, result.stderr
    assert run(container(merge)["command"][2], work, shell).returncode == 0
    assert len(readers.grade_book((work / "grades.csv").read_text())) == 3
    (work / "parts" / "1.json").unlink()
    assert run(container(merge)["command"][2], work, shell).returncode != 0


@pytest.mark.slow
def test_slurm(tmp_path: Path, shell: dict[str, str]) -> None:
    """An array, started once more where one part is missing, then the merge; nobody else may read it."""
    work = tmp_path / "work"
    classroom(work)
    script = f'"{CI}/slurm.sh"'
    array = {"SLURM_ARRAY_TASK_MIN": "4", "SLURM_ARRAY_TASK_COUNT": "2"}
    for again in (False, True):
        for index in ("4", "5"):
            result = run(script, work, {**shell, **array, "SLURM_ARRAY_TASK_ID": index})
            assert result.returncode == 0, result.stderr
        parts = sorted((work / "parts").iterdir())
        assert [part.name for part in parts] == ["4.json", "5.json"]
        if not again:
            before = parts[0].stat().st_mtime_ns
            parts[1].unlink()
    assert parts[0].stat().st_mtime_ns == before
    assert (parts[1].stat().st_mode & 0o077) == 0
    result = run(script, work, shell)
    assert result.returncode == 0, result.stderr
    assert [row["points"] for row in readers.grade_book((work / "grades.csv").read_text())] == ["9", "7", "0"]


def test_pre_commit(tmp_path: Path, shell: dict[str, str]) -> None:
    """pre-commit takes the hooks and the example; each entry runs as pre-commit would run it."""
    check = [sys.executable, "-m", "pre_commit"]
    for words in (["validate-manifest", str(ROOT / ".pre-commit-hooks.yaml")],
                  ["validate-config", str(CI / "pre-commit-config.yaml")]):  # fmt: skip
        result = subprocess.run([*check, *words], capture_output=True, text=True)
        assert result.returncode == 0, result.stdout
    hooks = {hook["id"]: hook for hook in yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())}
    config = yaml.safe_load((CI / "pre-commit-config.yaml").read_text())
    assert {hook["id"] for repo in config["repos"] for hook in repo["hooks"]} <= set(hooks)
    work = tmp_path / "work"
    classroom(work)
    (work / "course").rename(work / "exercises")
    entry = hooks["backtrace-check"]["entry"]
    assert run(f"{entry} submissions/ada/{CHAIN_FILE}", work, shell).returncode == 0
    assert run(f"{entry} submissions/ben/{FORK_FILE}", work, shell).returncode == 1
    hook = hooks["backtrace-lint"]
    result = run(" ".join([hook["entry"], *hook["args"]]), work, shell)
    assert result.returncode in (0, 1)
    assert "fork" in result.stdout
