"""Languages as other services name them: their English names, and what is understood as one of our codes."""

import re
from collections.abc import Mapping, Sequence

from models.runtime import Runtime

# py3langid and the catalogue know more codes than have a name here; those are named by their code.
_NAMES: Mapping[str, str] = dict(
    line.split(" ", 1)
    for line in """am Amharic,ar Arabic,be Belarusian,bg Bulgarian,bn Bengali,ca Catalan,ckb Sorani Kurdish,cs Czech,
da Danish,de German,el Greek,en English,es Spanish,et Estonian,fa Persian,fi Finnish,fr French,gu Gujarati,he Hebrew,
hi Hindi,hr Croatian,hu Hungarian,hy Armenian,id Indonesian,it Italian,ja Japanese,ka Georgian,kk Kazakh,ko Korean,
ku Kurdish,lt Lithuanian,lv Latvian,ml Malayalam,mr Marathi,ms Malay,ne Nepali,nl Dutch,no Norwegian,pa Punjabi,
pl Polish,ps Pashto,pt Portuguese,ro Romanian,ru Russian,sk Slovak,sl Slovenian,so Somali,sq Albanian,sr Serbian,
sv Swedish,sw Swahili,ta Tamil,te Telugu,th Thai,tr Turkish,ug Uyghur,uk Ukrainian,ur Urdu,uz Uzbek,vi Vietnamese,
zh Chinese""".replace("\n", "").split(",")
)
_ALIASES = {"pb": "pt", "zt": "zh", "iw": "he", "in": "id"}

Targets = Mapping[str, Sequence[str]]


def name(code: str) -> str:
    """The English name of a language, or its code."""
    return _NAMES.get(code, code)


def shown(code: str) -> str:
    """A language in a message: "Arabic (ar)". What does not look like a code is not repeated."""
    if code in _NAMES:
        return f"{_NAMES[code]} ({code})"
    return code if re.fullmatch("[a-z]{2,8}", code) else "This language"


def understood(code: str) -> str:
    """Our code for what a client calls a language: in lower case, without region or script ("PT-BR", "zh-Hans")."""
    base = code.strip().lower().replace("_", "-").partition("-")[0]
    return _ALIASES.get(base, base)


def targets(runtime: Runtime) -> Targets:
    """Every language that the catalogue reads or writes: what it can be translated into, itself included."""
    pairs = runtime.pairs()
    codes = sorted({code for pair in pairs for code in pair})
    return {code: sorted({code, *(target for source, target in pairs if source == code)}) for code in codes}


def installed(runtime: Runtime) -> Targets:
    """`targets` as far as translators are on this machine. Looks at files: call it in a thread."""
    here = {
        (source, target)
        for model in runtime.describe()
        if model.job == "translate" and model.state != "missing"
        for source in model.sources
        for target in model.targets
    }
    codes = {code for pair in here for code in pair}
    return {
        code: [target for target in listed if target == code or (code, target) in here]
        for code, listed in targets(runtime).items()
        if code in codes
    }
