"""What a client needs to connect and sign, under the names that clients use."""

from openbourse.accounts.records import KeyRecord


def key_fields(key: KeyRecord) -> dict[str, str]:
    """The two texts of a key (reference/coinex/conventions.md §2)."""
    return {"access_id": key.key_id, "secret_key": key.secret}


def addresses(base_url: str) -> dict[str, str]:
    """Where the protocol is served, for a server at `base_url` (`http://host:port`)."""
    sockets = base_url.replace("http", "ws", 1)
    return {
        "http": f"{base_url}/v2",
        "ws_spot": f"{sockets}/v2/spot",
        "ws_futures": f"{sockets}/v2/futures",
    }
