"""Which lines are measured: those asked for, or a few that tell most."""

from collections.abc import Sequence

from models.benchmark.workloads import NETWORKS, Kind, Line

DEFAULT = (
    Line("xlsum", "forced", batch=8, beams=4),
    Line("opus-mt", "forced", batch=32, beams=4),
    Line("opus-mt", "skewed", batch=32, beams=4),
)
"""One line for each question: summarizing a batch, translating a batch, translating a stream."""

BATCHES = {"cpu": (1, 8, 32), "cuda": (1, 8, 32, 64, 256)}
BEAMS = (1, 4)


def lines(
    *,
    device: str,
    full: bool = False,
    kinds: Sequence[Kind] = (),
    networks: Sequence[str] = (),
    batches: Sequence[int] = (),
    beams: Sequence[int] = (),
) -> list[Line]:
    """The lines that are asked for.

    `full` begins with the whole grid. Otherwise a kind or a network that is named brings every line of it, at the default batches
    and beams of `DEFAULT`; what is named of batches and beams replaces those. With nothing named it is `DEFAULT` itself.
    """
    if not (full or kinds or networks):
        chosen = list(DEFAULT)
        return [
            Line(line.network, line.kind, batch, beam)
            for line in chosen
            for batch in batches or (line.batch,)
            for beam in beams or (line.beams,)
        ]
    return [
        Line(name, kind, batch, beam)
        for name, network in NETWORKS.items()
        if not networks or name in networks
        for kind in network.kinds()
        if not kinds or kind in kinds
        for batch in batches or (BATCHES[device] if full else (8 if network.unit == "articles" else 32,))
        for beam in beams or (BEAMS if full else (4,))
    ]
