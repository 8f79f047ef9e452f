"""The exchange itself: pure, deterministic, compiled where a compiler is there."""
