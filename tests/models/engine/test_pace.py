"""However a device is driven, the answers are the same; and between looks the host never waits for the device."""

import random
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor
from torch.overrides import TorchFunctionMode
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from models.engine.checkpoint import read
from models.engine.mujaz import MujazEngine
from models.engine.pace import PACES, Pace
from models.engine.protocol import Generation
from tests.support import engines
from tests.support.engines import CPU, NETWORKS, PLENTY, ids, joining, together

META = torch.device("meta")
"""Its tensors have shapes and no values, so whoever asks for a value fails."""


@pytest.mark.parametrize("pace", [Pace(look=2), Pace(look=4, coarse=True), Pace(look=1000)], ids=repr)
@pytest.mark.parametrize("name", NETWORKS)
def test_answers_are_the_same_however_seldom_one_looks(
    name: str, pace: Pace, checkpoint: Callable[[str], Path]
) -> None:
    draw = random.Random(6)
    batch = engines.items(draw, 200, [engines.settings(draw, 24) for _ in range(40)])
    weights = read(checkpoint(name))
    expected = ids(together(MujazEngine(weights, CPU, torch.float64, PLENTY), batch))
    engine = MujazEngine(weights, CPU, torch.float64, PLENTY, 24, pace=pace)
    answers = ids(joining(engine, batch, draw, cancelled=0.1))
    assert answers == {item: expected[item] for item in answers}


def test_a_limit_needs_no_look(checkpoint: Callable[[str], Path]) -> None:
    engine = MujazEngine(read(checkpoint("mt5")), CPU, torch.float32, PLENTY, pace=Pace(look=1000))
    settings = Generation(beams=2, max_tokens=5, min_tokens=5)
    engine.admit(engines.items(random.Random(0), 3, [settings]))
    assert [len(engine.step()) for _ in range(5)] == [0, 0, 0, 0, 3]


class Unwaiting(TorchDispatchMode):
    """Fails on what would make a GPU's host wait, or would not work there: places decided by values, and mixed devices.

    That a value is read needs no check: there are none.
    """

    def __torch_dispatch__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        tensors = [leaf for leaf in tree_leaves((args, kwargs)) if isinstance(leaf, Tensor) and leaf.dim()]
        assert len({tensor.device.type for tensor in tensors}) < 2, f"{func}: tensors of two devices"
        if func.overloadpacket in (torch.ops.aten.index, torch.ops.aten.index_put, torch.ops.aten.index_put_):
            assert not any(place is not None and place.dtype == torch.bool for place in args[1]), f"{func}: a mask"
        return func(*args, **kwargs)


class Unhurried(TorchFunctionMode):
    """Fails on copies to a device that the host would wait for: of numbers, of the numbers in an index, of tensors."""

    def __torch_function__(self, func: Any, types: Any, args: Any = (), kwargs: Any = None) -> Any:
        kwargs = kwargs or {}
        if func in (torch.tensor, torch.as_tensor):
            assert kwargs.get("device", CPU) == CPU, "numbers are put onto a device"
        if func in (Tensor.__getitem__, Tensor.__setitem__):
            places = args[1] if isinstance(args[1], tuple) else (args[1],)
            assert not any(isinstance(place, list | range) for place in places), "numbers are an index"
        result = func(*args, **kwargs)
        if func is Tensor.to and result.device != args[0].device:
            assert kwargs.get("non_blocking"), "a tensor is put onto a device"
        return result


SETTINGS: Sequence[Generation] = [
    Generation(beams, 60, min_tokens=least, no_repeat_ngram=size)
    for beams in (1, 4)
    for least, size in ((0, 0), (20, 0), (0, 1), (3, 3))
]


@pytest.mark.parametrize("name", NETWORKS)
def test_between_looks_the_host_never_waits_for_the_device(name: str, checkpoint: Callable[[str], Path]) -> None:
    pace, draw = Pace(look=1000, coarse=True), random.Random(7)
    engine = MujazEngine(read(checkpoint(name)), META, torch.float32, PLENTY, 64, pace=pace, capture=lambda run: run)
    batch = engines.items(draw, 40, SETTINGS)
    with Unwaiting(), Unhurried():
        for step in range(50):
            if step % 5 == 0:
                engine.admit(batch[step // 5 * 4 :][:4])
            if step % 7 == 6:
                engine.cancel(batch[step // 7 * 4])
            assert not engine.step()


@pytest.mark.parametrize(
    "wait",
    [
        lambda x: x.tolist(),
        lambda x: x.sum().item(),
        lambda x: bool(x.any()),
        lambda x: x[torch.zeros(3, dtype=torch.bool, device=META)],
        lambda x: x.__setitem__(torch.zeros(3, dtype=torch.bool, device=META), 1.0),
        lambda x: x.__setitem__([0, 1], 1.0),
        lambda x: x[[0, 1]],
        lambda x: x.copy_(torch.ones(3)),
        lambda x: x.to(CPU),
        lambda x: x + torch.ones(3),
        lambda x: x + torch.ones(3).to(META),
        lambda x: x + torch.tensor([1.0, 2.0, 3.0], device=META),
    ],
)
def test_who_waits_is_found_out(wait: Callable[[Tensor], object]) -> None:
    x = torch.zeros(3, device=META)
    modes = torch.inference_mode(), Unwaiting(), Unhurried()
    with modes[0], pytest.raises((AssertionError, NotImplementedError, RuntimeError)), modes[1], modes[2]:
        wait(x)


SIZES: Mapping[str, list[int]] = {
    "slots": [1, 2, 3, 4, 5, 8, 9, 32, 33, 70],
    "capacity": [1, 3, 5, 9],
    "entries": [1, 16, 17, 65, 200],
    "blocks": [1, 9, 24, 25, 70],
}
ROUNDED = {
    "cpu": {
        "slots": [1, 2, 3, 4, 8, 8, 12, 32, 48, 80],
        "capacity": [1, 3, 5, 9],
        "entries": [16, 16, 32, 80, 208],
        "blocks": [8, 16, 24, 32, 72],
    },
    "cuda": {
        "slots": [1, 2, 4, 4, 8, 8, 16, 32, 64, 128],
        "capacity": [1, 4, 8, 16],
        "entries": [64, 64, 64, 128, 256],
        "blocks": [8, 16, 32, 32, 128],
    },
}


@pytest.mark.parametrize("device", ROUNDED)
def test_few_shapes_occur_and_fewer_on_a_gpu(device: str) -> None:
    assert {what: [*map(getattr(PACES[device], what), SIZES[what])] for what in SIZES} == ROUNDED[device]
