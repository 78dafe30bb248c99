"""WordPiece vocabularies: trained from nothing, or a checkpoint's with the words that its texts need.

    choose({"metformin": 900, "metformins": 3}, vocabulary, rows=1)    ["metformin"]

"Metformin" is ``met ##form ##in`` to BERT: three pieces, of which two are saved each time once the word has a row of
its own. A vocabulary is a function of word counts alone: the same texts in any order give the same one.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import Counter
from dataclasses import dataclass
from heapq import heapify, heappop, heappush
from itertools import takewhile
from typing import TYPE_CHECKING

from tokenizers import Tokenizer, models, pre_tokenizers, trainers

from biogloss.errors import ConfigError
from biogloss.models import _wordpiece
from biogloss.models._wordpiece import CONTINUES, LONGEST_WORD, SPECIAL, UNKNOWN

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence

WORDS_A_LINE = 1000


@dataclass(frozen=True, slots=True)
class Length:
    """How long words are in pieces.

    Args:
        words: how many, as the tokenizer's own rules part them: a mark of punctuation is a word too.
        pieces: how many they are cut into.
        unknown: words among them that the vocabulary cannot spell; each is one piece.
    """

    words: int
    pieces: int
    unknown: int

    @property
    def per_word(self) -> float:
        """Pieces per word; 0 of no words."""
        return self.pieces / self.words if self.words else 0.0


def count(tokenizer: Tokenizer, texts: Iterable[str]) -> Counter[str]:
    """How often each word occurs, normalised and parted as the tokenizer does it before it cuts words into pieces."""
    words: Counter[str] = Counter()
    normalizer, parter = tokenizer.normalizer, tokenizer.pre_tokenizer
    for text in texts:
        normal = normalizer.normalize_str(text) if normalizer else text
        words.update(word for word, _ in parter.pre_tokenize_str(normal))
    return words


def train(
    texts: Iterable[str], size: int, *, lowercase: bool = True, least_count: int = 2, alphabet: int = 2000
) -> Tokenizer:
    """A vocabulary from nothing: BERT's tokenizer with at most ``size`` pieces, always the same for the same texts.

    Merges are chosen as the ``tokenizers`` library does it: the most frequent pair of pieces first.

    Args:
        texts: read once.
        size: special tokens and single characters included.
        lowercase: whether capitals and accents are lost.
        least_count: a pair that occurs less often is not merged.
        alphabet: how many characters are kept, the most frequent ones; a word with another one is unknown.

    Raises:
        ConfigError: the characters of the texts alone, each at the start and inside of words, are more than ``size``.
    """
    blank = _wordpiece.build({token: row for row, token in enumerate(SPECIAL)}, lowercase=lowercase)
    words = count(blank, texts)
    kept = _alphabet(words, alphabet)
    inner = {character for word in words for character in word[1:]}
    fixed = [*SPECIAL, *kept, *(CONTINUES + character for character in kept if character in inner)]
    if len(fixed) > size:
        msg = f"a vocabulary of {size:,} pieces: the characters of these texts need {len(fixed):,}; choose a larger one"
        raise ConfigError(msg)
    scratch = Tokenizer(models.WordPiece(unk_token=UNKNOWN))
    scratch.pre_tokenizer = pre_tokenizers.WhitespaceSplit()
    # The library numbers the characters in the order of a hash table, which differs from run to run and decides between
    # equally frequent pairs. Given as special tokens they have their numbers beforehand.
    trainer = trainers.WordPieceTrainer(
        vocab_size=size,
        min_frequency=least_count,
        special_tokens=fixed,
        continuing_subword_prefix=CONTINUES,
        show_progress=False,
    )
    known = set(kept)
    spelled = {word: times for word, times in words.items() if known.issuperset(word)}
    scratch.train_from_iterator(_spelled_out(spelled), trainer)
    return _wordpiece.build(scratch.get_vocab(with_added_tokens=True), lowercase=lowercase)


def choose(
    words: Mapping[str, int],
    vocabulary: Collection[str],
    rows: int,
    *,
    always: Iterable[str] = (),
    least_count: int = 5,
) -> list[str]:
    """The pieces to add, in the order in which they save most.

    A candidate is a word, or the start of words up to where two of their pieces meet; of ``j`` pieces that occur ``n``
    times it saves ``n * (j - 1)``. The best one is taken, the words that begin with it are cut again, and so on.

    Args:
        words: word -> how often it occurs, as :func:`count` gives them.
        vocabulary: the pieces there are.
        rows: how many to choose at most, beside ``always``.
        always: words to add whatever they save; those that are one piece already are passed over.
        least_count: a candidate that occurs less often is not taken: its row would hardly be trained.
    """
    known = set(vocabulary)
    asked = [word for word in dict.fromkeys(always) if word not in known and 0 < len(word) <= LONGEST_WORD]
    known.update(asked)
    cuts = {word: cut(word, known) for word in sorted(words)}
    cuts = {word: pieces for word, pieces in cuts.items() if len(pieces) > 1}
    gains: Counter[str] = Counter()
    for word, pieces in cuts.items():
        gains.update(dict(_savings(pieces, words[word])))
    heap = [(-gain, start) for start, gain in gains.items()]
    heapify(heap)
    order = list(cuts)
    chosen: list[str] = []
    while heap and len(chosen) < rows:
        gain, start = heappop(heap)
        is_stale = start in known or gains[start] != -gain
        if is_stale or -gain < least_count * (len(cut(start, known)) - 1):
            continue
        known.add(start)
        chosen.append(start)
        for other in _cut_again(start, order, cuts, known, (words, gains)):
            heappush(heap, (-gains[other], other))
    return asked + chosen


def cut(word: str, vocabulary: Collection[str]) -> list[str]:
    """The pieces of a word: the longest that fits, from the left; ``[UNK]`` where none does (Wu et al. 2016, 4.1)."""
    pieces: list[str] = []
    start = 0
    while start < len(word) <= LONGEST_WORD:
        prefix = CONTINUES if start else ""
        for end in range(len(word), start, -1):
            if (piece := prefix + word[start:end]) in vocabulary:
                break
        else:
            return [UNKNOWN]
        pieces.append(piece)
        start = end
    return pieces or [UNKNOWN]


def length(words: Mapping[str, int], vocabulary: Collection[str]) -> Length:
    """How many pieces the words are, each as often as it occurs."""
    pieces = unknown = 0
    for word, times in words.items():
        found = cut(word, vocabulary)
        pieces += times * len(found)
        unknown += times * (found == [UNKNOWN])
    return Length(sum(words.values()), pieces, unknown)


def _savings(pieces: Sequence[str], times: int) -> Iterator[tuple[str, int]]:
    """Each start of a word of two pieces or more, and what a row of its own would save."""
    start = pieces[0]
    for saved, piece in enumerate(pieces[1:], 1):
        start += piece.removeprefix(CONTINUES)
        yield start, saved * times


def _cut_again(
    start: str,
    order: Sequence[str],
    cuts: dict[str, list[str]],
    known: Collection[str],
    counted: tuple[Mapping[str, int], Counter[str]],
) -> set[str]:
    """Cut the words that begin with a new piece, and give the candidates whose gain is another now."""
    words, gains = counted
    changed: set[str] = set()
    after = (order[place] for place in range(bisect_left(order, start), len(order)))
    for word in takewhile(lambda word: word.startswith(start), after):
        before, now = cuts[word], cut(word, known)
        if before == now:
            continue
        cuts[word] = now
        old, new = (dict(_savings(pieces, words[word])) for pieces in (before, now))
        gains.subtract(old)
        gains.update(new)
        changed |= old.keys() | new.keys()
    return {other for other in changed if gains[other] > 0}


def _alphabet(words: Mapping[str, int], most: int) -> list[str]:
    """The most frequent characters of the words, sorted."""
    counts: Counter[str] = Counter()
    for word, times in words.items():
        for character in word:
            counts[character] += times
    return sorted(sorted(counts, key=lambda character: (-counts[character], character))[:most])


def _spelled_out(words: Mapping[str, int]) -> Iterator[str]:
    """Texts with exactly these words, in one order; the library takes texts, not counts."""
    for word in sorted(words):
        for left in range(words[word], 0, -WORDS_A_LINE):
            yield " ".join([word] * min(left, WORDS_A_LINE))
