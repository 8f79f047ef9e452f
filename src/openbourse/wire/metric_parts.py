"""Metrics on their way from one process to another, and several processes' on one page."""

from collections.abc import Iterable, Mapping
from typing import Final

import msgspec
from prometheus_client.metrics_core import Metric
from prometheus_client.samples import Sample

PROCESS: Final = "process"


class MetricPart(msgspec.Struct, array_like=True):
    """A family of one process; its samples are (name, labels, value)."""

    name: str
    meaning: str
    kind: str
    samples: list[tuple[str, dict[str, str], float]]


_decoder = msgspec.json.Decoder(list[MetricPart])


def parts_of(families: Iterable[Metric]) -> list[MetricPart]:
    """Families in a form that travels."""
    return [
        MetricPart(
            family.name,
            family.documentation,
            family.type,
            [(sample.name, sample.labels, float(sample.value)) for sample in family.samples],
        )
        for family in families
    ]


def decode_parts(data: bytes) -> list[MetricPart]:
    """What another process sent as JSON."""
    return _decoder.decode(data)


def merged(measured: Mapping[str, list[MetricPart]]) -> list[Metric]:
    """The families of several processes, by their names: every sample says whose it is."""
    families: dict[str, Metric] = {}
    for process, parts in measured.items():
        for part in parts:
            family = families.setdefault(part.name, Metric(part.name, part.meaning, part.kind))
            for name, labels, value in part.samples:
                family.samples.append(Sample(name, {**labels, PROCESS: process}, value))
    return list(families.values())
