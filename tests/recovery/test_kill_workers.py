"""A venue with gateways: kill -9 of its engine and of its gateways, under load, while it goes on."""

import os
import signal
from pathlib import Path

from tests.recovery.server import Server, verify
from tests.recovery.test_kill import SEED, Story
from tests.recovery.trader import Trader
from tests.waiting import wait_until


class WorkersStory(Story):
    """One venue, started once, whose processes die."""

    def server(self) -> Server:
        server = Server(self.data_dir, self.errors, workers=2)
        server.wait_until_ready()
        return server

    def trade(self, server: Server) -> list[Trader]:
        """Everybody trades on a connection of their own."""
        traders = [
            Trader(account.name, server.client(account), memory, self.dice.randrange(10**6), self.highest_id)
            for account, memory in zip(self.accounts, self.memories, strict=True)
        ]
        before = sum(memory.acknowledged for memory in self.memories)
        for trader in traders:
            trader.start()
        wait_until(lambda: sum(memory.acknowledged for memory in self.memories) > before + 40)
        return traders

    def kill(self, server: Server, name: str, traders: list[Trader]) -> None:
        """A process dies; the others live on, and it is there again when everybody has stopped trading."""
        dead = server.pid_of(name)
        os.kill(dead, signal.SIGKILL)
        if name == "engine":
            # All of them: whoever had nothing under way is told that the venue is busy.
            for trader in traders:
                trader.join()
        for trader in traders:
            trader.ended.set()
            trader.join()
        wait_until(lambda: server.pid_of(name) != dead)
        # Both gateways, whichever a connection reaches.
        wait_until(lambda: all(server.readiness() == "ok" for _ in range(8)))


def test_nothing_is_lost_when_processes_of_a_venue_die(tmp_path: Path) -> None:
    story = WorkersStory(tmp_path, SEED)
    server = story.server()
    try:
        for name in ("engine", "gateway-1", "engine"):
            story.kill(server, name, story.trade(server))
            story.check(server)
        assert sum(memory.lost_answers for memory in story.memories) >= len(story.accounts)
        assert server.stop() == 0
    except BaseException as error:
        error.add_note(f"seed {SEED}; the venue said: {story.errors.read_text()[-3000:]}")
        raise
    finally:
        server.kill(children=True)
    verify(story.data_dir)


def test_without_its_supervisor_a_venue_ends(tmp_path: Path) -> None:
    story = WorkersStory(tmp_path, SEED)
    server = story.server()
    try:
        names = ("engine", "gateway-1", "gateway-2")
        pids = [server.pid_of(name) for name in names]
        server.process.kill()
        wait_until(lambda: not any(_lives(pid) for pid in pids))
    finally:
        server.kill(children=True)
    assert verify(story.data_dir)


def test_a_venue_that_cannot_start_says_why_and_ends(tmp_path: Path) -> None:
    story = WorkersStory(tmp_path, SEED)
    first = story.server()
    second = Server(story.data_dir, tmp_path / "second.txt", workers=2)
    try:
        assert second.wait() == 1
        assert "in use" in second.errors.read_text()
    finally:
        second.kill(children=True)
        first.kill(children=True)


def _lives(pid: int) -> bool:
    """Orphans have somebody else to bury them, who may take his time."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2][0] != "Z"
    except FileNotFoundError:
        return False
