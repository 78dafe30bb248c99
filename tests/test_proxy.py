"""The site for nginx that operators are given, in front of a real server."""

import os
import shutil
import socket
import ssl
import subprocess
from pathlib import Path

import httpx
import pytest
import trustme
from serving import running, until

from biogloss.apps.rest import keys

PROGRAM = shutil.which("nginx", path=f"{os.environ['PATH']}:/usr/sbin")
pytestmark = pytest.mark.skipif(PROGRAM is None, reason="nginx is not installed (Debian: nginx)")
SITE = (Path(__file__).resolve().parents[1] / "deploy" / "nginx.conf").read_text(encoding="utf-8")
NAME = "gloss.example.org"
FRAME = """\
{user}daemon off; pid {folder}/nginx.pid; error_log stderr; events {{}}
http {{ client_body_temp_path {folder}/body; proxy_temp_path {folder}/proxy; fastcgi_temp_path {folder}/f;
uwsgi_temp_path {folder}/u; scgi_temp_path {folder}/s; include {folder}/site.conf; }}
"""


def free_port():
    with socket.create_server(("127.0.0.1", 0)) as found:
        return found.getsockname()[1]


@pytest.fixture(scope="module")
def site(tmp_path_factory):
    """An address that nginx answers, a client with a key, and the folder of its logs and temporary files."""
    folder, port = tmp_path_factory.mktemp("nginx"), free_port()
    authority = trustme.CA()
    own = authority.issue_cert(NAME, "127.0.0.1")
    own.private_key_pem.write_to_path(folder / f"{NAME}.key")
    own.cert_chain_pems[0].write_to_path(folder / f"{NAME}.pem")
    trusted = ssl.create_default_context()
    authority.configure_trust(trusted)
    key = keys.add(folder / "keys.json", "ward 7")
    arguments = ("--no-link", "--keys", folder / "keys.json", "--state", folder / "state", "--name", NAME)
    with running(*arguments) as server:
        moved = {"443": str(port), "/etc/nginx": str(folder), "/var/log/nginx": str(folder)}
        moved["http://127.0.0.1:8000"] = server.url
        text = SITE
        for there, here in moved.items():
            assert there in text
            text = text.replace(there, here)
        (folder / "site.conf").write_text(text, encoding="utf-8")
        frame = FRAME.format(folder=folder, user="user root; " if os.geteuid() == 0 else "")
        (folder / "nginx.conf").write_text(frame, encoding="utf-8")
        proxy = subprocess.Popen([PROGRAM, "-p", folder, "-c", folder / "nginx.conf"])
        try:
            until(lambda: answers(port))
            how = {"headers": {"Host": NAME, "Authorization": f"Bearer {key}"}, "verify": trusted, "trust_env": False}
            with httpx.Client(base_url=f"https://127.0.0.1:{port}", timeout=240, **how) as client:
                yield client, folder
        finally:
            proxy.terminate()
            proxy.wait()


def answers(port):
    with socket.socket() as tried:
        return tried.connect_ex(("127.0.0.1", port)) == 0


def test_texts_pages_and_jobs_go_through_it(site):
    client, _ = site
    own = {"Origin": f"https://{NAME}"}
    assert client.post("/v1/annotate", json={"text": "Gout hurts."}, headers=own).status_code == 200
    assert client.get("/annotate").status_code == 200
    large = b'{"text": "Gout hurts."}\n' * 400_000  # 9.6 MB
    typed = {"Content-Type": "application/jsonl"}
    assert client.post("/v1/annotate", content=large, headers=typed).status_code == 413
    sent = client.post("/v1/jobs", content=large, headers=typed)
    assert sent.status_code == 202
    with client.stream("GET", f"{sent.headers['location']}/events") as events:
        assert next(line for line in events.iter_lines() if line.startswith("data:"))
    assert client.post(f"{sent.headers['location']}/cancel").status_code == 200


def test_counters_are_not_for_who_comes_through_it(site):
    client, _ = site
    assert client.get("/metrics").status_code == 403


def test_neither_its_log_nor_its_disk_has_words_of_a_request(site):
    client, folder = site
    client.post("/v1/annotate", params={"types": "podagra"}, content=b"Podagra hurts. " * 60_000)
    log = folder / "biogloss.log"
    until(lambda: '"POST /v1/annotate"' in log.read_text())
    assert "podagra" not in (log.read_text() + (folder / "biogloss-error.log").read_text()).lower()
    assert [path for name in ("body", "proxy") for path in (folder / name).rglob("*") if path.is_file()] == []
