"""The tables of accounts, for SQLite and PostgreSQL alike."""

from typing import Final

from sqlalchemy import (
    BigInteger,
    Boolean,
    Column,
    ForeignKey,
    Integer,
    LargeBinary,
    MetaData,
    String,
    Table,
    UniqueConstraint,
)

SCHEMA_VERSION: Final = 1

metadata = MetaData()

# SQLite counts up only columns of the very type INTEGER.
_Id = BigInteger().with_variant(Integer(), "sqlite")

properties = Table(
    "account_properties",
    metadata,
    Column("name", String(40), primary_key=True),
    Column("value", LargeBinary, nullable=False),
)

users = Table(
    "users",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("name", String(64), nullable=False),
    Column("public_id", String(8), nullable=False, unique=True),
    # 0 for a main account rather than NULL, which no unique constraint would compare.
    Column("parent", BigInteger, nullable=False),
    Column("permissions", String(64), nullable=False),
    Column("status", String(16), nullable=False),
    Column("remark", String(50), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    UniqueConstraint("parent", "name", name="users_name"),
    sqlite_autoincrement=True,
)

keys = Table(
    "api_keys",
    metadata,
    Column("id", _Id, primary_key=True),
    Column("user_id", BigInteger, ForeignKey("users.id"), nullable=False, index=True),
    Column("key_id", String(64), nullable=False, unique=True),
    Column("protocol", String(16), nullable=False),
    # Empty once the key is revoked: what nobody needs nobody can steal.
    Column("sealed_secret", LargeBinary, nullable=False),
    Column("trade_allowed", Boolean, nullable=False),
    Column("withdraw_allowed", Boolean, nullable=False),
    Column("allow_list", String(50 * 51), nullable=False),
    Column("created_at", BigInteger, nullable=False),
    Column("expires_at", BigInteger, nullable=False),
    Column("remark", String(50), nullable=False),
    Column("revoked", Boolean, nullable=False),
    sqlite_autoincrement=True,
)

# What trading costs the members of a tier; rates in 10^-12.
fee_tiers = Table(
    "fee_tiers",
    metadata,
    Column("name", String(32), primary_key=True),
    Column("maker_rate", BigInteger, nullable=False),
    Column("taker_rate", BigInteger, nullable=False),
)

fee_tier_members = Table(
    "fee_tier_members",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("tier", String(32), ForeignKey("fee_tiers.name"), nullable=False),
)

# Secrets of other rooms by name, sealed under the master key.
kept_secrets = Table(
    "kept_secrets",
    metadata,
    Column("name", String(64), primary_key=True),
    Column("sealed", LargeBinary, nullable=False),
)

# What users have chosen about their accounts and no command needs to know.
preferences = Table(
    "preferences",
    metadata,
    Column("user_id", BigInteger, ForeignKey("users.id"), primary_key=True, autoincrement=False),
    Column("name", String(32), primary_key=True),
    Column("value", String(64), nullable=False),
)
