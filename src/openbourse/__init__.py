"""Openbourse: an exchange to run yourself, for programs written for CoinEx and CoinW."""

from openbourse.engine import prepare

__version__ = "0.1.0"

prepare()
