"""What a client needs to connect and sign, under the names that clients use."""

from openbourse.accounts.records import KeyRecord


def key_fields(key: KeyRecord) -> dict[str, str]:
    """The two texts of a key (reference/coinw/legacy.md §3)."""
    return {"api_key": key.key_id, "secret_key": key.secret}


def addresses(base_url: str) -> dict[str, str]:
    """Where the protocol is served, for a server at `base_url` (`http://host:port`)."""
    return {"legacy": f"{base_url}/appApi.html"}
