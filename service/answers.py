"""What was made, as the HTTP contract says it. Offsets are those of the submitted (or extracted) text."""

import time
from collections.abc import Sequence
from dataclasses import asdict
from datetime import UTC, datetime

from models.checks.report import Flag as Found
from models.glossary import Glossary
from models.runtime import Runtime
from models.translate import Translated
from models.work import Work
from service.compare import Compared
from service.drafting import Draft, Drafting, Line
from service.reading import Reading
from service.schemas.briefs import (
    BriefSentence,
    Checks,
    Comparison,
    Coverage,
    Decoding,
    Difference,
    DroppedLine,
    Evidence,
    Flag,
    GlossaryUse,
    Passage,
    Provenance,
    Repair,
    Route,
    SourceLanguage,
    Title,
    TranslatedSentence,
    Translation,
    UsedModel,
)
from service.schemas.texts import SummarySentence
from service.trust import Checked
from service.version import VERSION

_NOTICE = "Made by Mujaz's small sample models, trained on invented text: for trying Mujaz out, not for relying on."


def title(drafting: Drafting, checked: Checked) -> Title | None:
    source = drafting.reading.title
    if not source:
        return None
    return Title(
        source=source,
        translation=drafting.title.text if drafting.title else source,
        flags=[_title_flag(flag) for flag in checked.title],
    )


def sentences(checked: Checked, reading: Reading) -> list[BriefSentence]:
    return [
        BriefSentence(
            text=line.text,
            source=line.source,
            origin=line.origin,
            evidence=_evidence(checked, index, reading),
            flags=_flags(checked, index, reading),
        )
        for index, line in enumerate(checked.draft.lines)
    ]


def summary_sentences(checked: Checked, reading: Reading) -> list[SummarySentence]:
    return [
        SummarySentence(
            text=line.text,
            origin=line.origin,
            evidence=_evidence(checked, index, reading),
            flags=_flags(checked, index, reading),
        )
        for index, line in enumerate(checked.draft.lines)
    ]


def checks(checked: Checked, reading: Reading) -> Checks:
    report = checked.inspection.report
    return Checks(
        status=checked.status,
        run=list(report.run),
        unavailable=list(report.unavailable),
        flags=[*map(_title_flag, checked.title), *(_flag(flag, reading) for flag in report.flags)],
        repairs=[
            Repair(action=repair.action, text=repair.text, reasons=list(repair.reasons)) for repair in checked.repairs
        ],
    )


def comparison(compared: Compared) -> Comparison:
    return Comparison(
        route=compared.route,
        brief=compared.text,
        reason=compared.reason,
        differences=[Difference(**asdict(difference)) for difference in compared.differences],
    )


def glossary(drafting: Drafting, lines: Sequence[Line] = (), *, whole: bool) -> list[GlossaryUse]:
    """Every entry whose term stands in the title, in the original of `lines`, or, with `whole`, in the full translation; once."""
    said = [(line.source, line.text, line.applied) for line in lines if line.source is not None]
    if drafting.reading.title and drafting.title:
        said.insert(0, (drafting.reading.title, drafting.title.text, drafting.title.applied))
    if whole:
        rows = zip(drafting.texts, drafting.translations or (), strict=False)
        said += [(text, output.text, output.applied) for text, output in rows]
    return [
        GlossaryUse(
            source=use.entry.source,
            target=use.entry.target,
            applied=use.output is not None,
            reason=use.reason or None,
            source_text=text,
            source_start=use.start,
            source_end=use.end,
            translation=written,
            start=use.output[0] if use.output else None,
            end=use.output[1] if use.output else None,
        )
        for text, written, applied in dict.fromkeys(said)
        for use in applied
    ]


def translation(reading: Reading, translations: Sequence[Translated]) -> Translation:
    """Sentence by sentence, and whole: paragraphs are kept apart."""
    paragraphs: dict[int, list[str]] = {}
    rows = []
    for sentence, output in zip(reading.sentences, translations, strict=True):
        paragraphs.setdefault(sentence.paragraph, []).append(output.text)
        rows.append(
            TranslatedSentence(
                source=sentence.text,
                translation=output.text,
                start=sentence.start,
                end=sentence.end,
                doubt=output.fault.detail if output.fault else None,
            )
        )
    return Translation(text="\n\n".join(" ".join(parts) for parts in paragraphs.values()), sentences=rows)


def coverage(draft: Draft, reading: Reading) -> Coverage:
    return Coverage(sentences_read=len(draft.read), sentences_total=len(reading.sentences))


def dropped(reading: Reading) -> list[DroppedLine]:
    return [DroppedLine(text=line.text, reason=line.reason) for line in reading.dropped]


def source_language(reading: Reading) -> SourceLanguage:
    return SourceLanguage(code=reading.language.code, confidence=reading.language.confidence)


def provenance(
    runtime: Runtime,
    work: Work,
    reading: Reading,
    route: Route | None = None,
    most: int | None = None,
    glossary: Glossary | None = None,
) -> Provenance:
    used = list(work.used.values())
    return Provenance(
        models=[
            UsedModel(
                job=model.job,
                id=model.info.repo,
                revision=model.info.revision,
                licence=model.info.licence,
                sample=model.info.sample,
                decoding=Decoding(**asdict(model.settings)),
            )
            for model in used
        ],
        engine=runtime.config.engine,
        dtype=runtime.format,
        vocabulary=list(runtime.config.vocabulary),
        device=str(runtime.device),
        beams=max((model.settings.beams for model in used), default=0),
        route=route,
        sentences=most,
        glossary_sha256=glossary.digest if glossary else None,
        version=VERSION,
        input_sha256=reading.sha256,
        created=datetime.now(UTC).isoformat(timespec="seconds"),
        notice=_NOTICE if any(model.info.sample for model in used) else None,
    )


def timing(work: Work) -> dict[str, float]:
    total = 1000 * (time.perf_counter() - work.started)
    return {name: round(value, 1) for name, value in (*work.timing.items(), ("total", total))}


def _evidence(checked: Checked, line: int, reading: Reading) -> list[Evidence]:
    found = [(reading.sentences[link.index], link.score) for link in checked.inspection.links[line]]
    return [Evidence(start=s.start, end=s.end, text=s.text, score=round(score, 2)) for s, score in found]


def _flags(checked: Checked, line: int, reading: Reading) -> list[Flag]:
    return [_flag(flag, reading) for flag in checked.inspection.report.flags if flag.line == line]


def _title_flag(flag: Found) -> Flag:
    return Flag(kind=flag.kind, detail=flag.detail, sentence=None, start=flag.start, end=flag.end, against=[])


def _flag(flag: Found, reading: Reading) -> Flag:
    against = [reading.sentences[index] for index in flag.against]
    return Flag(
        kind=flag.kind,
        detail=flag.detail,
        sentence=flag.line,
        start=flag.start,
        end=flag.end,
        against=[Passage(start=sentence.start, end=sentence.end) for sentence in against],
    )
