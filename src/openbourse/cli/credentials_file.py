"""Reading the credentials file that a sandbox has written."""

from pathlib import Path
from typing import Any

import click
import msgspec


def read_users(path: Path) -> dict[str, dict[str, tuple[str, str]]]:
    """Key id and secret by protocol, for each user. Raises ClickException."""
    try:
        known: dict[str, Any] = msgspec.json.decode(path.read_bytes())
        users = known["users"]
        # Each protocol has names of its own for the two; the public one comes first.
        return {
            user["name"]: {
                protocol: _pair(user[protocol]) for protocol in ("coinex", "coinw") if protocol in user
            }
            for user in users
        }
    except OSError as error:
        raise click.ClickException(f"cannot read {path}: {error.strerror}") from None
    except (msgspec.MsgspecError, UnicodeDecodeError, KeyError, TypeError, ValueError, AttributeError):
        raise click.ClickException(f"{path} is not a credentials file of a sandbox") from None


def _pair(texts: dict[str, str]) -> tuple[str, str]:
    key_id, secret = texts.values()
    return str(key_id), str(secret)
