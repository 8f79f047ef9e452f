"""`openbourse liabilities ...`: publish what the venue owes, and check proofs of it."""

import asyncio
import os
import time
from pathlib import Path
from typing import Any, Final

import click
import msgspec

from openbourse.accounts.opening import open_store
from openbourse.cli.logs import configure_logging
from openbourse.cli.options import configured, read
from openbourse.cli.output import show
from openbourse.configuration import Configuration
from openbourse.liabilities.archive import Archive
from openbourse.liabilities.publisher import Publisher
from openbourse.liabilities.records import Publication
from openbourse.liabilities.verifier import ProofError, check, report
from openbourse.log.data_directory import DataDirectory
from openbourse.log.errors import LogError
from openbourse.log.snapshotter import Snapshotter

_NICENESS: Final = 10  # trade comes first


@click.group()
def command() -> None:
    """What the venue owes: publish, list, prove, verify."""


@command.command("publish")
@click.option(
    "--keep",
    type=click.IntRange(min=1),
    help="For how many publications accounts can get proofs (liabilities.keep); roots are kept for ever.",
)
@configured
def publish(keep: int | None, config_file: Path | None, data_dir: Path | None) -> None:
    """Count what is owed to every account, and publish the root. The venue may be running.

    A snapshot of now is taken first. When the balances of users do not sum to what the venue's own accounts
    say, nothing is published.
    """
    configuration = _configuration(config_file, data_dir)
    directory = _directory(configuration)
    os.nice(_NICENESS)
    _take_snapshot(directory.path)
    url = configuration.venue_options("production").accounts_url or f"sqlite:///{directory.accounts}"
    with open_store(url, directory.master_key) as (store, kept_secrets):
        outcome = Publisher(directory, store, kept_secrets).publish(
            time.time_ns() // 1_000_000, keep or configuration.liabilities.keep
        )
    if not outcome.new:
        click.echo("nothing has happened since this was published:")
    _show_publication(outcome.publication)


@command.command("list")
@configured
def list_publications(config_file: Path | None, data_dir: Path | None) -> None:
    """Print all publications, newest first."""
    archive = Archive(_directory(_configuration(config_file, data_dir)).liabilities)
    show([_row(archive, sequence) for sequence in archive.sequences()])


@command.command("prove")
@click.argument("account")
@click.option("--sequence", type=click.IntRange(min=1), help="Of an older publication than the newest.")
@configured
def prove(account: str, sequence: int | None, config_file: Path | None, data_dir: Path | None) -> None:
    """Print the proof of ACCOUNT, its public id. Give it to nobody else: accounts get theirs over the API."""
    configuration = _configuration(config_file, data_dir)
    directory = _directory(configuration)
    archive = Archive(directory.liabilities)
    newest = next(iter(archive.sequences()), None)
    if newest is None:
        raise click.ClickException("nothing was published yet: `openbourse liabilities publish`")
    url = configuration.venue_options("production").accounts_url or f"sqlite:///{directory.accounts}"
    with open_store(url, directory.master_key) as (store, kept_secrets):
        if not store.has_public_id(account):  # a proof that nothing was owed to a slip of the pen
            raise click.ClickException(f"there is no public id {account}; `openbourse user list` has them")
        proof = archive.proof(account, newest if sequence is None else sequence, kept_secrets.get)
    click.echo(msgspec.json.format(msgspec.json.encode(proof)).decode())


@command.command("verify")
@click.argument("proof", type=click.Path(path_type=Path, exists=True, dir_okay=False))
@click.option("--root", default="", help="The root that the venue has published, from wherever you trust.")
@click.option("--account", default="", help="Your account, as the venue calls it.")
def verify(proof: Path, root: str, account: str) -> None:
    """Check the proof in the file PROOF. It needs no venue and no network."""
    try:
        click.echo(report(check(proof.read_text(encoding="utf-8")), root, account))
    except UnicodeDecodeError:
        raise click.ClickException(f"{proof} is no text") from None
    except ProofError as error:
        raise click.ClickException(f"the proof does not hold: {error}") from None


def _configuration(config_file: Path | None, data_dir: Path | None) -> Configuration:
    configuration = read(config_file, data_dir)
    configure_logging("warning", configuration.log.format)
    return configuration


def _directory(configuration: Configuration) -> DataDirectory:
    directory = DataDirectory(configuration.venue_options("production").data_directory)
    directory.check()
    return directory


def _take_snapshot(path: Path) -> None:
    """In a process of its own, whose memory is free again afterwards."""
    outcome = asyncio.run(Snapshotter(path, lambda: 0).take())
    if not outcome.ok:
        raise LogError(outcome.error or f"the state is unsound: {outcome.violations[0]}")


def _show_publication(published: Publication) -> None:
    counted = published.publication
    show({"root": published.root, "sequence": counted.sequence, "snapshot_at": counted.snapshot_at})
    show(
        [{"asset": total.asset, "accounts": total.accounts, "owed": total.total} for total in counted.assets]
    )


def _row(archive: Archive, sequence: int) -> dict[str, Any]:
    published = archive.publication(sequence)
    return {
        "sequence": sequence,
        "snapshot_at": published.publication.snapshot_at,
        "published_at": published.published_at,
        "proofs": archive.has_trees(sequence),
        "root": published.root,
    }
