"""What every test may count on: no network, one thread, caches of its own, the same examples each time.

The corpora are looked for in ``BIOGLOSS_DATA``, then in ``../shared/data`` beside the repository. A test that needs
them takes the fixture ``catalogue`` and skips where they are not.
"""

import ipaddress
import os
import signal
import socket
import sys
import tempfile
from pathlib import Path

import pytest
from hypothesis import HealthCheck, settings

ROOT = Path(__file__).resolve().parents[1]
CACHES = tempfile.TemporaryDirectory(prefix="biogloss-tests-", ignore_cleanup_errors=True)

# Before torch or a tokenizer is first imported, and for the processes that tests start.
os.environ.setdefault("BIOGLOSS_DATA", str(ROOT.parent / "shared" / "data"))
os.environ.update(
    dict.fromkeys(("OMP_NUM_THREADS", "MKL_NUM_THREADS", "OPENBLAS_NUM_THREADS"), "1"),
    OMP_WAIT_POLICY="PASSIVE",
    TOKENIZERS_PARALLELISM="false",
    XDG_CACHE_HOME=CACHES.name,
    HF_HOME=str(Path(CACHES.name) / "huggingface"),
    HYPOTHESIS_STORAGE_DIRECTORY=str(Path(CACHES.name) / "hypothesis"),
    HF_HUB_OFFLINE="1",
    NO_COLOR="1",
)

# What a shell starts in the background ignores the signal of Ctrl-C, and so would the programs that tests start.
signal.signal(signal.SIGINT, signal.default_int_handler)

# Fixed examples, none failed for a slow machine; `pytest --hypothesis-profile slow` tries twenty times as many.
_COMMON = {"derandomize": True, "database": None, "deadline": None, "suppress_health_check": [HealthCheck.too_slow]}
settings.register_profile("quick", max_examples=50, **_COMMON)
settings.register_profile("slow", max_examples=1000, **_COMMON)
settings.load_profile("quick")


def _is_local(host: object) -> bool:
    """Whether a host is this machine; what is no address is a name, and only ``localhost`` is looked up."""
    if host in (None, "", b"", "localhost", b"localhost"):
        return True
    try:
        return ipaddress.ip_address(host.decode() if isinstance(host, bytes) else str(host)).is_loopback
    except ValueError:
        return False


def _block(event, arguments):
    """Refuse at the interpreter's own audit events, so that nothing imported earlier gets round it."""
    if event in ("socket.connect", "socket.sendto"):
        address = arguments[1]
        outside = arguments[0].family in (socket.AF_INET, socket.AF_INET6) and not _is_local(address[0])
    elif event == "socket.getaddrinfo":
        address = arguments[0]
        outside = not _is_local(address)
    else:
        return
    if outside:
        raise RuntimeError(f"tests run without a network; this one wanted {address!r}")


sys.addaudithook(_block)


@pytest.fixture(scope="session")
def catalogue():
    """The folder of the data catalogue."""
    folder = Path(os.environ["BIOGLOSS_DATA"])
    if not folder.is_dir():
        pytest.skip("the corpora are not here; name their folder in BIOGLOSS_DATA")
    return folder


@pytest.fixture
def artefacts(tmp_path):
    """The folder for what a test makes for people: that of ``BIOGLOSS_ARTEFACTS``, or the test's own."""
    return Path(os.environ.get("BIOGLOSS_ARTEFACTS") or tmp_path)
