"""What a venue has done and how it fares, as families of Prometheus metrics.

The hot path only counts; families are made when somebody asks. Labels have few values, all of them ours:
kinds of commands, reasons for refusals. Nothing in here names a user, a key or an amount.
"""

from collections import Counter
from collections.abc import Iterator

from prometheus_client.core import CounterMetricFamily, GaugeMetricFamily, HistogramMetricFamily
from prometheus_client.metrics_core import Metric

from openbourse.core.events import Applied, Refused
from openbourse.venue.clock import SystemClock
from openbourse.venue.distribution import Distribution
from openbourse.venue.readiness import unready
from openbourse.venue.venue import Venue

ACCEPTED = "accepted"


class VenueMetrics:
    """Counts what a venue applies from now on."""

    def __init__(self, venue: Venue) -> None:
        self._venue = venue
        self._commands: Counter[tuple[type, str]] = Counter()
        venue.listen(self._applied)

    def _applied(self, batch: list[Applied]) -> None:
        commands = self._commands
        for applied in batch:
            events = applied.events
            first = events[0] if events else None
            outcome = first.reason if type(first) is Refused else ACCEPTED
            commands[type(applied.command), outcome] += 1

    def families(self) -> Iterator[Metric]:
        """The values of this moment."""
        yield self._command_totals()
        sequencer = self._venue.sequencer
        yield histogram(
            "openbourse_batch_commands", "Commands that shared one commit.", sequencer.batch_sizes
        )
        yield histogram(
            "openbourse_commit_seconds", "From a batch to its commit on disk.", sequencer.commit_seconds
        )
        yield self._snapshot_totals()
        yield self._stopped_assets()
        for name, meaning, value in self._gauges():
            yield GaugeMetricFamily(name, meaning, value)

    def _command_totals(self) -> Metric:
        family = CounterMetricFamily(
            "openbourse_commands", "Commands applied, by kind and outcome.", labels=["kind", "outcome"]
        )
        for (kind, outcome), count in sorted(self._commands.items(), key=str):
            family.add_metric([kind.__name__, outcome], count)
        return family

    def _snapshot_totals(self) -> Metric:
        family = CounterMetricFamily("openbourse_snapshots", "Snapshots tried.", labels=["outcome"])
        for outcome, count in self._venue.snapshot_outcomes.items():
            family.add_metric([outcome], count)
        return family

    def _stopped_assets(self) -> Metric:
        family = GaugeMetricFamily(
            "openbourse_conservation_stopped", "Assets stopped since their money disagrees.", labels=["asset"]
        )
        for asset in sorted(self._venue.conservation.stopped):
            family.add_metric([asset], 1)
        return family

    def _gauges(self) -> Iterator[tuple[str, str, float]]:
        venue = self._venue
        exchange = venue.exchange
        yield "openbourse_sequence", "The newest command applied.", exchange.sequence
        yield (
            "openbourse_snapshot_sequence",
            "The command up to which the newest snapshot reaches.",
            next(iter(venue.snapshots.sequences()), 0),
        )
        yield "openbourse_pending_commands", "Submitted and not yet answered.", venue.sequencer.pending
        yield "openbourse_stalled_seconds", "Without progress of a commit.", venue.sequencer.stalled_seconds
        yield "openbourse_history_backlog", "Commands not yet in the history.", venue.history_backlog
        users = exchange.state.users.values()
        yield "openbourse_open_orders", "Resting orders.", sum(len(user.orders) for user in users)
        yield "openbourse_waiting_stops", "Stop orders that wait.", sum(len(user.stops) for user in users)
        yield "openbourse_markets", "Markets defined.", len(exchange.state.markets)
        yield "openbourse_users", "Users and sub-accounts known to the core.", len(users)
        enabled = exchange.withdrawals_enabled
        yield "openbourse_withdrawals_enabled", "0 while all withdrawals are halted.", enabled
        watch = venue.conservation
        yield "openbourse_conservation_alarms", "Findings of money that does not add up.", watch.alarms
        yield "openbourse_conservation_passes", "Whole looks at all money.", watch.passes
        yield "openbourse_conservation_slice_seconds", "The longest slice of a look.", watch.longest_slice
        yield "openbourse_ready", "1 when orders can be taken, see /readyz.", not unready(venue)
        ahead = (venue.now() - venue.present()) / 1000
        yield (
            "openbourse_clock_ahead_seconds",
            "Stamps of commands ahead of the clock: they stand still.",
            ahead,
        )
        if isinstance(venue.clock, SystemClock):
            disagreement = venue.clock.disagreement_seconds
            yield (
                "openbourse_clock_disagreement_seconds",
                "The computer's clock ahead of the venue's, since a step that is not believed yet.",
                disagreement,
            )
            yield "openbourse_clock_steps", "Steps of the computer's clock that were seen.", venue.clock.steps


def histogram(name: str, meaning: str, values: Distribution) -> Metric:
    """One distribution as a family of its own."""
    return HistogramMetricFamily(name, meaning, buckets=values.cumulated(), sum_value=values.total)
