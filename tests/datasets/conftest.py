"""A mirror on this machine."""

import pytest

from optviz.datasets import _https
from tests.datasets.servers import CERTIFICATE, Server


@pytest.fixture
def server(tmp_path, monkeypatch):
    """A mirror that downloads trust, a data folder of their own, and no proxy in between."""
    pytest.importorskip("pooch")
    monkeypatch.setenv("SSL_CERT_FILE", str(CERTIFICATE))
    monkeypatch.setenv("OPTVIZ_DATA_DIR", str(tmp_path / "data"))
    for name in ("https_proxy", "HTTPS_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.delenv(name, raising=False)
    _https._trusted.cache_clear()
    with Server() as server:
        yield server
    _https._trusted.cache_clear()
