"""All scenes: whoever takes them from here has those of every module."""

from tests.wire.coinex import account_scenes, liability_scenes, spot_scenes, wallet_scenes
from tests.wire.coinex.scenes import SCENES
from tests.wire.coinex.spot_scenes import populate

__all__ = ["MODULES", "SCENES", "populate"]

MODULES = (spot_scenes, account_scenes, wallet_scenes, liability_scenes)
