"""What operators are given: the service as it is installed for a container and for systemd, run as they run it.

``.ci/run`` installs it with ``deploy/install``, as ``Containerfile`` does, and names that in ``BIOGLOSS_SERVICE``.
The tests that run it skip without one, and where nobody may make the file system read-only.
"""

import base64
import json
import os
import re
import shlex
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from serving import running, until

from biogloss import __version__
from biogloss.apps.rest import keys
from biogloss.apps.rest.settings import Limits

ROOT = Path(__file__).resolve().parents[1]
CONTAINER = (ROOT / "Containerfile").read_text(encoding="utf-8")
DEPLOY = (ROOT / "docs" / "howto" / "deploy.md").read_text(encoding="utf-8")
UNIT = (ROOT / "deploy" / "biogloss.service").read_text(encoding="utf-8")
INSTALLED = os.environ.get("BIOGLOSS_SERVICE", "")
NOBODY = 65534
READ_ONLY = 'mount --bind "$1" "$1" && mount -o remount,bind,ro / && shift && exec "$@"'
"""For a mount namespace of its own: nothing can be written but what is in the first argument; the others are run."""


def of_container(word):
    """What the last instruction of a name says; a list where it has one."""
    said = re.findall(rf"^{word} (.+)$", CONTAINER, re.MULTILINE)[-1]
    return json.loads(said[said.index("[") :]) if said.endswith("]") else said


def of_unit(word):
    """What the last line of a name says."""
    return re.findall(rf"^{word}=(.+)$", UNIT, re.MULTILINE)[-1]


COMMANDS = {
    "container": (of_container("ENV"), of_container("ENTRYPOINT") + of_container("CMD")),
    "unit": (of_unit("Environment"), shlex.split(of_unit("ExecStart"))),
}
is_installed = pytest.mark.skipif(not INSTALLED, reason="BIOGLOSS_SERVICE names no folder that deploy/install made")


@pytest.fixture
def place():
    """A folder that is nobody's, with keys and one of them."""
    if os.geteuid() != 0 or subprocess.run(["unshare", "-m", "true"], check=False, capture_output=True).returncode != 0:
        pytest.skip("only root, with the right to mount, runs a service on a file system that is read-only")
    with tempfile.TemporaryDirectory(prefix="biogloss-deploy-") as name:
        place = Path(name)
        key = keys.add(place / "keys.json", "ward 7")
        for path in (place, place / "keys.json"):
            os.chown(path, NOBODY, NOBODY)
        yield place, key


def confined(place, *command):
    """A command that can write in a folder alone, as nobody."""
    as_nobody = ["setpriv", f"--reuid={NOBODY}", f"--regid={NOBODY}", "--clear-groups", "--no-new-privs"]
    if not all(folder.stat().st_mode & 0o001 for folder in Path(INSTALLED, "bin", "python").resolve().parents):
        as_nobody += ["--inh-caps=+dac_read_search", "--ambient-caps=+dac_read_search"]  # Python is in root's home
    return ("unshare", "--mount", "sh", "-c", READ_ONLY, "sh", str(place), *as_nobody, *command)


def here(text, place):
    """Where the tests have what operators have in folders of the system."""
    for there, path in (("/opt/biogloss", INSTALLED), ("/etc/biogloss", place), ("/var/lib/biogloss", place / "state")):
        text = text.replace(there, str(path))
    return text.replace("$PATH", os.environ["PATH"])


@is_installed
@pytest.mark.parametrize("way", COMMANDS)
def test_it_runs_as_nobody_where_only_the_folder_of_jobs_can_be_written(place, way):
    folder, key = place
    environment, command = (here(text, folder) for text in (COMMANDS[way][0], shlex.join(COMMANDS[way][1])))
    program, serve, *arguments = shlex.split(command)
    assert serve == "serve"
    program = confined(folder, "env", "-i", *environment.split(), program)
    with running(*arguments, program=program) as server, server.client(key) as client:
        port = server.url.rpartition(":")[2]
        healthy = [here(word, folder).replace("8000", port) for word in of_container("HEALTHCHECK")]
        assert subprocess.run(healthy, check=False).returncode == 0
        url = server.url.replace("0.0.0.0", "127.0.0.1")
        assert client.get(f"{url}/v1/models", headers={"Authorization": "Bearer none"}).status_code == 401
        assert client.post(f"{url}/v1/annotate", json={"text": "Gout hurts."}).status_code == 200
        (linked,) = client.post(f"{url}/v1/link", json={"names": [{"text": "podagra"}]}).json()["names"]
        assert linked["ids"]
        job = client.post(f"{url}/v1/jobs", json={"text": "Gout hurts."}).headers["location"]
        until(lambda: client.get(url + job).json()["status"] == "done")
        assert server.stop() == 0
        assert subprocess.run(healthy, check=False, capture_output=True).returncode != 0


@is_installed
def test_nothing_else_can_be_written_there(place):
    folder, _ = place
    for path, code in ((folder / "new", 0), (folder.parent / "biogloss-deploy-new", 1)):
        assert subprocess.run(confined(folder, "touch", path), check=False, capture_output=True).returncode == code


def test_what_stops_a_service_gives_it_the_time_that_it_takes():
    assert of_container("STOPSIGNAL") == "SIGTERM"
    seconds = int(of_unit("TimeoutStopSec"))
    assert seconds > Limits().stop_seconds
    assert f"--stop-timeout {seconds}" in CONTAINER


def test_the_container_is_made_as_ci_installs_the_service():
    runs = re.findall(r"^RUN (.+)$", CONTAINER, re.MULTILINE)
    assert runs[0].endswith(" deploy/install /opt/biogloss")
    assert 'deploy/install "$work/service"' in (ROOT / ".ci" / "run").read_text(encoding="utf-8")
    copied = " ".join(re.findall(r"^COPY (?!--from)(.+) \S+$", CONTAINER, re.MULTILINE)).split()
    sent = re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(encoding="utf-8"), re.MULTILINE)
    assert sorted(copied) == sorted(sent)
    assert all((ROOT / name).exists() for name in copied)


def test_the_base_has_a_version_and_nobody_is_root():
    assert re.search(r"^ARG BASE=\S+/python:3\.\d+\.\d+-\S+$", CONTAINER, re.MULTILINE)
    assert int(of_container("USER").partition(":")[0]) > 0


@pytest.mark.skipif(shutil.which("systemd-analyze") is None, reason="systemd is not installed (Debian: systemd)")
def test_systemd_understands_the_unit_and_finds_it_closed(tmp_path):
    unit = tmp_path / "biogloss.service"
    unit.write_text(UNIT.replace("/opt/biogloss/bin/biogloss", "/bin/true"), encoding="utf-8")
    for check in (["verify"], ["security", "--offline=yes", "--threshold=15"]):
        done = subprocess.run(["systemd-analyze", *check, unit], check=False, capture_output=True, text=True)
        assert (done.returncode, done.stderr) == (0, ""), done.stdout + done.stderr


@is_installed
def test_the_bill_of_materials_names_what_is_installed_and_whose_data_is_inside(artefacts, monkeypatch):
    monkeypatch.chdir(artefacts)
    (command,) = (line for line in DEPLOY.splitlines() if line.startswith("cyclonedx-py "))
    program, *arguments = shlex.split(here(command, artefacts).replace("pyproject.toml", str(ROOT / "pyproject.toml")))
    subprocess.run([Path(sys.executable).with_name(program), *arguments], check=True)  # it checks what it writes
    bill = json.loads(Path("biogloss.cdx.json").read_text(encoding="utf-8"))
    named = {(one["name"], one["version"]) for one in bill["components"]}
    listed = subprocess.run([f"{INSTALLED}/bin/pip", "list", "--format=json"], check=True, capture_output=True).stdout
    assert named == {(one["name"], one["version"]) for one in json.loads(listed)} - {("biogloss", __version__)}
    own = bill["metadata"]["component"]
    texts = [one["license"].get("text", {}).get("content", "") for one in own["licenses"]]
    assert (own["name"], own["version"]) == ("biogloss", __version__)
    assert (ROOT / "NOTICE").read_bytes() in map(base64.b64decode, texts)
