"""Living markets with play money. Nothing in here may run in production mode."""
