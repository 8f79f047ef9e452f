"""People and their keys: users, sub-accounts and API keys, in memory and in the relational database."""
