"""The file that `openbourse demo --credentials` writes, as programs rely on it."""

import json
from pathlib import Path

from tests.cli.processes import started


def test_the_shape_of_the_file(tmp_path: Path) -> None:
    file = tmp_path / "credentials.json"
    with started("demo", "--no-bots", "--data-dir", tmp_path / "demo", "--credentials", file) as server:
        url = server.url
        content = json.loads(file.read_text())
        assert server.stop() == 0
    users = content.pop("users")
    sockets = url.replace("http://", "ws://")
    assert content == {
        "base_url": url,
        "coinex": {
            "http": f"{url}/v2",
            "ws_spot": f"{sockets}/v2/spot",
            "ws_futures": f"{sockets}/v2/futures",
        },
        "coinw": {"legacy": f"{url}/appApi.html"},
    }
    assert [user["name"] for user in users] == ["trader1", "trader2"]
    for user in users:
        assert set(user) == {"name", "coinex", "coinw"}
        assert [(name, len(text)) for name, text in user["coinex"].items()] == [
            ("access_id", 32),
            ("secret_key", 48),
        ]
        assert [(name, len(text)) for name, text in user["coinw"].items()] == [
            ("api_key", 36),
            ("secret_key", 32),
        ]
