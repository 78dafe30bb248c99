"""The description at /openapi.json: what it promises holds, for requests that fit it and for others."""

import subprocess
import sys

import pytest
from serving import running

from biogloss.apps.rest import keys as stored


def test_it_describes_every_route_with_problems_for_errors(client):
    found = client.get("/openapi.json").json()
    assert found["openapi"].startswith("3.1")
    for path, operations in found["paths"].items():
        for method, operation in operations.items():
            problem = operation["responses"]["4XX"]["content"]
            assert list(problem) == ["application/problem+json"], (path, method)
            assert operation["summary"]
    assert {"/v1/annotate", "/v1/link", "/v1/graph/paths", "/v1/embeddings", "/v1/jobs/{identifier}"} <= set(
        found["paths"]
    )
    document = found["components"]["schemas"]["Document"]
    assert document["properties"]["entities"]["items"]["$ref"] == "#/components/schemas/Document_entity"


@pytest.mark.slow
def test_it_holds(material, tmp_path):
    file = tmp_path / "keys.json"
    key = stored.add(file, "tester")
    arguments = ("--index", material / "my.terms", "--graph", material / "my.graph", "--embeddings", "biogloss-en")
    with running(*arguments, "--state", tmp_path / "state", "--keys", file, "--per-minute", 0, "--wait", 60) as server:
        command = [sys.executable, "-m", "schemathesis.cli", "run", f"{server.url}/openapi.json", "--checks", "all"]
        more = ["--header", f"Authorization: Bearer {key}", "--max-examples", "25", "--generation-deterministic"]
        found = subprocess.run(
            [*command, *more], capture_output=True, text=True, check=False, cwd=tmp_path, timeout=3000
        )
        assert found.returncode == 0, found.stdout[-20_000:]
        assert server.process.poll() is None
