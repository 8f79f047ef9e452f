"""House rules that no ready-made linter knows: sizes, rooms, words, and what the core may not do."""
