"""The outside of money: assets, deposit addresses, deposits, withdrawals, chains."""
