"""Keep the prose of a pasted page and drop the rest, saying why.

Prose is never rewritten, and in doubt a line is kept: a caption among the sentences does less harm than a lost
sentence. First each line is judged by itself (`furniture.judge`: known phrases, credits, dates); then, here, by its
place: what stands beside a caption, below "read also", between paragraphs without a full stop, or twice.
"""

from collections import Counter
from dataclasses import dataclass

from models.text.furniture import judge, suffix
from models.text.lines import Line, read
from models.text.normalise import Mapped, fold, normalise
from models.text.phrases import furniture
from models.types import Dropped

# All lengths are in words.
_HEADING = (
    12  # a line without a full stop, up to this long, in an article that has full stops, is a heading or a caption
)
_SURE_HEADING = 5  # the same in an article that mostly leaves the full stop out
_TEASER = 25
_TEASERS = 3  # lines below a header, in an article that leaves the full stop out
_CAPTION = 40
_TITLE = 22
_QUESTION = 6  # "Why now?" on a line of its own is a heading
_LONG = 16  # lines that are prose by their length alone tell whether the article uses full stops
_FULL_STOPS = 0.8  # the share of their words that ends in a full stop, in an article that uses them
_MENU = 3
_KICKERS = 4  # lines
_DUPLICATE = 4


@dataclass(frozen=True, slots=True)
class Cleaned:
    """The prose of a text, a paragraph each, its headline if one is plain to see, and what was left out.

    Paragraphs keep the origin of every character. The title's offsets count in the text, or in the title itself where
    the caller gave one.
    """

    paragraphs: tuple[Mapped, ...]
    dropped: tuple[Dropped, ...]
    title: Mapped | None


def clean(text: str, title: str | None = None) -> Cleaned:
    """Separate prose from furniture; `title` is the headline if the caller knows it.

    A text of nothing but furniture has no paragraphs. Linear time.
    """
    page = _Page(read(text))
    page.judge_alone()
    found = normalise(title).strip() if title and title.strip() else None
    page.find_title(found)
    page.judge_in_place()
    if found is None and page.title is not None:
        found = page.lines[page.title].mapped
    return page.result(text, found)


class _Page:
    """The lines of one text and, for each, the reason to drop it so far."""

    def __init__(self, lines: list[Line]) -> None:
        self.lines = lines
        self.reasons: list[str | None] = [None] * len(lines)
        self.title: int | None = None
        self.tails: dict[int, tuple[int, str]] = {}  # line -> where its prose ends, and why the rest goes

    def judge_alone(self) -> None:
        for index, line in enumerate(self.lines):
            self.reasons[index] = judge(line)
            if self.reasons[index] is None and (tail := suffix(line)):
                self.tails[index] = tail
        self._drop_foreign()

    def judge_in_place(self) -> None:
        self.punctuated = self._uses_full_stops()
        self._drop_teasers()
        self._drop_captions()
        self._drop_duplicates()
        self._drop_headings()
        self._drop_menu()

    def find_title(self, given: Mapped | None) -> None:
        """The first line that is not furniture is the headline if it is one, or repeats the given one."""
        kept = [i for i, why in enumerate(self.reasons) if why is None]
        # Kickers of a word or two ("Libya") may stand above the headline.
        first = next((k for k, i in enumerate(kept) if self.lines[i].words > _MENU or self.lines[i].ends), len(kept))
        if first < min(len(kept), _KICKERS + 1) and self._headline(kept[first]):
            self.title = kept[first]
            for i in kept[:first]:
                self.reasons[i] = "furniture"
        if given is not None:
            for i in kept:
                if fold(self.lines[i].text) == fold(given.text):
                    self.reasons[i] = "title"
            if self.title is not None:
                self.reasons[self.title] = "title"

    def _headline(self, index: int) -> bool:
        """No full stop at its end, not too long, and a longer sentence soon comes after it."""
        line = self.lines[index]
        after = [
            other for other, why in zip(self.lines[index + 1 :], self.reasons[index + 1 :], strict=True) if not why
        ]
        return (
            not (line.ends and not _is_question(line))
            and not line.goes_on
            and line.words <= _TITLE
            and not _opens_sentence(line)
            and any(_follows_headline(line, other) for other in after[:3])
        )

    def _prose(self, index: int) -> bool:
        return index < len(self.lines) and self.reasons[index] is None and index != self.title

    def _uses_full_stops(self) -> bool:
        prose = [line for i, line in enumerate(self.lines) if self._prose(i)]
        for least in (_LONG, _HEADING, 1):
            if weights := [(line.words, line.ends) for line in prose if line.words >= least]:
                return sum(words for words, ends in weights if ends) >= _FULL_STOPS * sum(words for words, _ in weights)
        return False

    def _drop_foreign(self) -> None:
        """Lines in another script than the text's: picture descriptions and quoted posts."""
        total: Counter[str] = Counter()
        for line in self.lines:
            total.update(line.scripts)
        if not total:
            return
        main, letters = total.most_common(1)[0]
        own = {"Han", "Kana"} if main in {"Han", "Kana"} else {main}
        bilingual = letters < 0.6 * total.total()
        for i, line in enumerate(self.lines):
            share = sum(line.scripts.get(script, 0) for script in own) / max(1, sum(line.scripts.values()))
            if self._prose(i) and share < 0.2 and not (bilingual and line.ends):
                self.reasons[i] = "foreign"

    def _drop_teasers(self) -> None:
        """Headlines of other articles, below a header that announces them or below the source line."""
        left = 0  # how many more lines may be teasers
        for i, line in enumerate(self.lines):
            if self.reasons[i] in ("source_line", "teaser"):
                header = furniture().header.match(line.folded)
                # "Read also: HEADLINE" is complete; a header alone, or the source line, may have many below it.
                complete = header is not None and header[1].strip(" :|")
                left = 0 if complete else len(self.lines) if self.punctuated else _TEASERS
            elif self._prose(i) and left and _is_teaser(line):
                self.reasons[i] = "teaser"
                left -= 1
            elif self._prose(i):
                left = 0

    def _drop_captions(self) -> None:
        """The caption below a picture's description in another language."""
        for i, line in enumerate(self.lines[1:], 1):
            above = self.lines[i - 1]
            if not self._prose(i) or self.reasons[i - 1] not in ("foreign", "caption") or _shares_script(line, above):
                continue
            beside = line.block == above.block
            # How long a caption may be: blank lines between it and the description make it less likely one.
            longest = (_CAPTION if beside else _CAPTION // 2) if self.punctuated else _HEADING * beside
            if line.words <= longest and not (line.ends or line.goes_on or _opens_sentence(line)):
                self.reasons[i] = "caption"

    def _drop_headings(self) -> None:
        """Sub-headings, and headlines below the article."""
        prose = [i for i in range(len(self.lines)) if self._prose(i)]
        if len(prose) < 2:
            return
        last_sentence = max((i for i in prose if self.lines[i].ends or self.lines[i].words >= _LONG), default=-1)
        listing = False  # below a colon, where list items need no full stop
        for place, i in enumerate(prose):
            line = self.lines[i]
            following = self.lines[prose[place + 1]] if place + 1 < len(prose) else None
            # The last line of an article often lacks its full stop.
            last = following is None and i > last_sentence and line.words > _SURE_HEADING
            above = self.lines[prose[place - 1]] if place else None
            item = listing and (line.bulleted or (above is not None and above.goes_on))
            if item or last or not self._heading(line, following):
                listing = item or line.text.endswith((":", "："))
            else:
                self.reasons[i] = "subheading" if i < last_sentence else "teaser"
                listing = False

    def _heading(self, line: Line, following: Line | None) -> bool:
        if line.goes_on or _opens_sentence(line) or _unbalanced(line.text):
            return False
        if line.ends:
            return _is_question(line) and following is not None and following.ends and following.words > line.words
        if self.punctuated:
            return line.words <= _HEADING
        return line.words <= _SURE_HEADING and following is not None and following.words >= _LONG

    def _drop_duplicates(self) -> None:
        seen: set[str] = set()
        for i, line in enumerate(self.lines):
            if line.words < _DUPLICATE:
                continue
            if line.folded in seen and self._prose(i):
                self.reasons[i] = "duplicate"
            seen.add(line.folded)

    def _drop_menu(self) -> None:
        """Where nothing is longer than a menu entry, there is no prose."""
        left = [line for i, line in enumerate(self.lines) if self._prose(i)]
        if len(self.lines) > 1 and left and all(line.words <= _MENU and not line.ends for line in left):
            self.reasons = [why or "furniture" for why in self.reasons]
            self.title = None

    def result(self, text: str, title: Mapped | None) -> Cleaned:
        paragraphs: list[Mapped] = []
        dropped: list[Dropped] = []
        for i, (line, why) in enumerate(zip(self.lines, self.reasons, strict=True)):
            if why is not None:
                dropped.append(_dropped(text, line.mapped, why))
            elif i in self.tails:
                at, reason = self.tails[i]
                paragraphs.append(line.mapped[:at].strip())
                dropped.append(_dropped(text, line.mapped[at:].strip(), reason))
            elif i != self.title:
                paragraphs.append(line.mapped)
        return Cleaned(tuple(paragraphs), tuple(dropped), title)


def _dropped(text: str, mapped: Mapped, reason: str) -> Dropped:
    start, end = mapped.origin(0, len(mapped))
    return Dropped(text[start:end], reason, start, end)


def _opens_sentence(line: Line) -> bool:
    """It begins as sentences of prose do and headings do not ("وقال ...")."""
    stem = line.words > _SURE_HEADING and line.text.startswith(furniture().opener_stem)
    return stem or (line.words >= 3 and furniture().opener.match(line.folded) is not None)


def _follows_headline(line: Line, other: Line) -> bool:
    """A sentence with its full stop, or in an article without any, one far longer than this short line."""
    return other.words > line.words if other.ends else line.words <= _HEADING and other.words >= _LONG


def _is_question(line: Line) -> bool:
    asks = line.text.rstrip("!.\"'”») ").endswith(("؟", "?"))
    return asks and line.words <= _QUESTION and furniture().question.match(line.folded) is not None


def _unbalanced(text: str) -> bool:
    """A quotation or bracket is open: the sentence goes on elsewhere."""
    return any(text.count(a) != text.count(b) for a, b in ("()", "[]", "«»", "“”")) or text.count('"') % 2 == 1


def _is_teaser(line: Line) -> bool:
    """Without a full stop or a question, and not the beginning of a sentence of prose."""
    asks = line.words <= _LONG and line.text.rstrip(" \"'”»)").endswith(("؟", "?"))
    return (asks or not line.ends) and not line.goes_on and line.words <= _TEASER and not _opens_sentence(line)


def _shares_script(line: Line, other: Line) -> bool:
    return bool(line.scripts) and max(line.scripts, key=line.scripts.__getitem__) in other.scripts
