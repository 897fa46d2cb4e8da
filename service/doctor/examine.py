"""All checks, in the order in which one thing depends on the other; whatever happens in one, the others are done."""

from collections.abc import Callable, Iterator

from service.doctor import consistency, machine, packages, places, traces, trial, weights
from service.doctor.finding import Finding, fails
from service.doctor.needed import Needed
from service.settings import Settings

Check = Callable[[], Iterator[Finding]]


def examine(settings: Settings) -> Iterator[Finding]:
    """The findings, as they come: the last checks read all weights and load the models, which takes a while."""
    yield from _surely("python", packages.python)
    yield from _surely("packages", packages.packages)
    yield from _surely("settings", lambda: consistency.consistency(settings))
    yield from _surely("port", lambda: consistency.ports(settings))
    yield from _surely("device", lambda: machine.computing(settings))
    yield from _surely("threads", lambda: machine.threads(settings))
    yield from _surely("database", lambda: places.database(settings))
    yield from _surely("traces", lambda: traces.traces(settings))
    try:
        needed = Needed.by(settings)
    except KeyError as error:
        yield fails("settings", f"MUJAZ_SUMMARIZER: {error.args[0]}", "set it to default, extract, or one of these")
        return
    yield from _surely("folder of weights", lambda: places.folders(needed))
    yield from _surely("weights", lambda: weights.weights(needed))
    yield from _surely("memory", lambda: machine.memory(settings, needed))
    yield from _surely("translation", lambda: trial.trial(settings))


def _surely(name: str, check: Check) -> Iterator[Finding]:
    """What the check finds; a check that breaks down is a finding too."""
    try:
        yield from check()
    except Exception as error:
        yield fails(name, f"this check itself failed ({type(error).__name__}: {error})", "report it with this line")
