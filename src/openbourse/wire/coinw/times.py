"""Times as the protocol writes and reads them."""

from typing import Final

_DAY: Final = 86_400
# The operator's local time is eight hours ahead of UTC (reference/coinw/legacy.md §7 `trades`).
_AHEAD: Final = 8 * 3600
# From here on a time stamp counts milliseconds, below seconds (§7 `kline`).
_MILLISECONDS_FROM: Final = 100_000_000_000


def time_of_day(time: int) -> str:
    """Unix ms as HH:MM:SS."""
    minutes, second = divmod((time // 1000 + _AHEAD) % _DAY, 60)
    hour, minute = divmod(minutes, 60)
    return f"{hour:02}:{minute:02}:{second:02}"


def milliseconds(stamp: int) -> int:
    """A submitted time stamp, which may be in seconds, as Unix ms."""
    return stamp if stamp >= _MILLISECONDS_FROM else stamp * 1000
