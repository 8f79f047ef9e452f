"""A user of a sandbox, as a test sees one."""

from dataclasses import dataclass, field


@dataclass(frozen=True)
class SandboxUser:
    """An account with a key for each protocol: `api_key` and `secret` are those of CoinEx."""

    name: str
    id: int
    api_key: str
    secret: str = field(repr=False)
    coinw_api_key: str = ""
    coinw_secret: str = field(default="", repr=False)
