"""The network's step as captured CUDA graphs: launching hundreds of small kernels one by one takes longer than running them.

A graph repeats its kernels on the memory that they had when it was captured. So the small inputs of a step are copied into
tensors of the graph's own. The stores of keys and values, which are large and stay where they are, are part of its key: once a
store is laid out anew, its graphs are not found any more, and go as the least recently used. All graphs share one memory pool.
That is safe, as none is replayed while another runs, and nothing in the pool outlives a replay: the logits are copied out of it.

This has not been run on a GPU. The tests run it on a CPU, with a recorder of what PyTorch does in place of CUDA's.
"""

from collections import OrderedDict
from collections.abc import Callable, Hashable, Sequence
from dataclasses import dataclass, fields, replace
from typing import Any, TypeVar

import torch
from torch import Tensor

from models.engine.attention import Pages, View

Step = Callable[[Tensor, Tensor, Sequence[View]], Tensor]
"""`Network.step`."""

Run = Callable[[], object]
Capture = Callable[[Run], Run]
"""Records what a function does on the device, and returns what does it again."""

_MOST = 64  # graphs kept: each has its inputs, up to some megabytes
_PATIENCE = 4  # steps of a shape before it is captured: a capture takes about as long as so many of them
_WARM_UP = 3  # runs ahead of a capture, for libraries to set themselves up; as in PyTorch's notes on CUDA graphs

_Part = TypeVar("_Part", View, Pages)


@dataclass(slots=True)
class _Shape:
    """How often it occurred; from its capture on, what takes the inputs of a step and returns its logits."""

    occurred: int = 0
    graph: Callable[[Sequence[Tensor]], Tensor] | None = None


class Graphs:
    """Steps like the function it is made of, without which it takes every step whose shape has a graph.

    It remembers the `most` shapes that were used last. The logits are valid until the next call.
    """

    def __init__(self, step: Step, capture: Capture, most: int = _MOST) -> None:
        self._step, self._capture, self._most = step, capture, most
        self._shapes: OrderedDict[Hashable, _Shape] = OrderedDict()
        self._logits: Tensor | None = None  # where graphs leave theirs: as many rows as the largest of them has

    def __call__(self, ids: Tensor, positions: Tensor, views: Sequence[View]) -> Tensor:
        shape = self._find(_key(ids, views))
        if shape.graph:
            return shape.graph(_inputs(ids, positions, views))
        logits = self._step(ids, positions, views)
        if shape.occurred >= _PATIENCE:
            shape.graph = self._captured(logits, ids, positions, views)
        return logits

    def forget(self) -> None:
        """Give all memory back."""
        self._shapes.clear()
        self._logits = None

    def _find(self, key: Hashable) -> _Shape:
        shape = self._shapes.setdefault(key, _Shape())
        shape.occurred += 1
        self._shapes.move_to_end(key)
        if len(self._shapes) > self._most:
            self._shapes.popitem(last=False)
        return shape

    def _captured(
        self, logits: Tensor, ids: Tensor, positions: Tensor, views: Sequence[View]
    ) -> Callable[[Sequence[Tensor]], Tensor]:
        """A graph of the step that has just led to `logits`. Taken again, it writes the same in the same places."""
        if self._logits is None or len(self._logits) < len(logits):
            self._logits = torch.empty_like(logits)
        result = self._logits[: len(logits)]
        own = ids.clone(), positions.clone(), [_own(view) for view in views]
        inputs = _inputs(*own)
        replay = self._capture(lambda: result.copy_(self._step(*own)))

        def graph(given: Sequence[Tensor]) -> Tensor:
            for mine, new in zip(inputs, given, strict=True):
                mine.copy_(new)
            replay()
            return result

        return graph


class CudaCapture:
    """Captures on one device, one graph after the other, all in one memory pool."""

    def __init__(self, device: torch.device) -> None:
        self._device, self._stream = device, torch.cuda.Stream(device)  # type: ignore[no-untyped-call]
        self._pool = torch.cuda.graph_pool_handle()

    def __call__(self, run: Run) -> Run:
        with torch.cuda.device(self._device):
            self._stream.wait_stream(torch.cuda.current_stream())
            with torch.cuda.stream(self._stream):
                for _ in range(_WARM_UP):
                    run()
            torch.cuda.current_stream().wait_stream(self._stream)
            graph = torch.cuda.CUDAGraph()
            # Other threads may be loading a model onto the device: what they do must not make the capture fail.
            with torch.cuda.graph(graph, pool=self._pool, stream=self._stream, capture_error_mode="thread_local"):
                run()
        replay: Run = graph.replay
        return replay


def _key(ids: Tensor, views: Sequence[View]) -> Hashable:
    """All that a graph takes for granted: shapes, and where the stores are."""
    return (
        ids.shape,
        *((view.slots, view.beams, *_shapes(view), *_shapes(view.past), *_addresses(view)) for view in views),
    )


def _shapes(part: View | Pages) -> list[tuple[str, torch.Size]]:
    return [(name, tensor.shape) for name, tensor in _small(part).items()]


def _addresses(view: View) -> list[tuple[int, torch.Size]]:
    return [(store.data_ptr(), store.shape) for stores in (view.past.layers, view.sources) for store in stores]


def _small(part: View | Pages) -> dict[str, Tensor]:
    """What is given anew at each step: everything but the stores."""
    return {f.name: value for f in fields(part) if isinstance(value := getattr(part, f.name), Tensor)}


def _inputs(ids: Tensor, positions: Tensor, views: Sequence[View]) -> list[Tensor]:
    return [ids, positions, *(t for view in views for part in (view, view.past) for t in _small(part).values())]


def _own(view: View) -> View:
    """The view with inputs of its own and the same stores."""
    return replace(_cloned(view), past=_cloned(view.past))


def _cloned(part: _Part) -> _Part:
    copies: dict[str, Any] = {name: tensor.clone() for name, tensor in _small(part).items()}
    return replace(part, **copies)
