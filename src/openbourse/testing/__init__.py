"""Help for people who test their bots against a venue."""
