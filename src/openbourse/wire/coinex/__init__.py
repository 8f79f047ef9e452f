"""CoinEx API v2: the only place that knows its names, codes and spellings."""
