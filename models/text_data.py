"""From a sentence to numbers: words by a few rules, then rows of a vocabulary.

Words are runs of letters, abbreviations with their full stops ("u.s."), numbers with their points
("1,350.5") and single other signs, all in lower case; "n't", "'s", "'re", "'ve", "'ll", "'d" and
"'m" are cut off and stand for themselves. What web pages left in AG News is turned back first:
`#39;` is an apostrophe, `quot;` a quotation mark, tags such as `&lt;b&gt;` go, a backslash is
a space.
"""

import html
import re
from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property

PAD, UNKNOWN = "<pad>", "<unk>"
ENDING = "~"  # begins the entry of an unknown word's last letters
LETTERS = 3
LIMIT = 20_000  # characters of a sentence that are read

_CODE = re.compile(r" ?&?#(\d{2,4});")
_NAME = re.compile(r"&?\b(quot|amp|lt|gt|nbsp);")
_TAG = re.compile(r"</?[a-z][^<>]*>")
_CLITIC = re.compile(r"(?<=[^\W\d_])(n't|'(?:s|re|ve|ll|d|m))\b")
_WORD = re.compile(
    r"n't\b|'(?:s|re|ve|ll|d|m)\b|[^\W\d_](?:\.[^\W\d_])+\b\.?|[^\W\d_]+|\d+(?:[.,:]\d+)*|\.{2,}|\S"
)


def words(sentence: str) -> list[str]:
    """The words of a sentence by this file's rules; spaces decide nothing but where words end."""
    text = _NAME.sub(r"&\1;", _CODE.sub(r"&#\1;", sentence[:LIMIT].replace("\\", " ")))
    text = html.unescape(html.unescape(text)).replace("’", "'").lower()
    return _WORD.findall(_CLITIC.sub(r" \1", _TAG.sub(" ", text)))


@dataclass(frozen=True)
class Vocabulary:
    """What a network has rows for; the row's number is the place in `entries`.

    A word that has no row of its own is read by the last three letters ("~ing") if these have
    one, and as "<unk>" otherwise. A number is read by its shape: every digit is a 0.

    Attributes:
        entries: "<pad>" first, then "<unk>", then words and endings; each once.
    """

    entries: tuple[str, ...]

    def __post_init__(self) -> None:
        if self.entries[:2] != (PAD, UNKNOWN):
            raise ValueError(f"a vocabulary begins with {PAD} and {UNKNOWN}")
        if len(self._places) != len(self.entries):
            raise ValueError("a vocabulary names each entry once")

    @classmethod
    def of(cls, sentences: Iterable[str], size: int, least: int = 2) -> "Vocabulary":
        """The most frequent words, then the endings of all rarer ones.

        Args:
            sentences: The training split and nothing else.
            size: Entries at most.
            least: How often a word or an ending must occur.
        """
        counts = Counter(_shape(word) for one in sentences for word in words(one))
        ranked = [word for word, count in counts.most_common() if count >= least]
        ranked = ranked[: max(size - 2, 0)]
        kept = set(ranked)
        endings: Counter[str] = Counter()
        for word, count in counts.items():
            if word not in kept and len(word) > LETTERS:
                endings[ENDING + word[-LETTERS:]] += count
        rest = [end for end, count in endings.most_common() if count >= least]
        return cls((PAD, UNKNOWN, *ranked, *rest)[:size])

    def __len__(self) -> int:
        return len(self.entries)

    @cached_property
    def _places(self) -> dict[str, int]:
        return {entry: place for place, entry in enumerate(self.entries)}

    def split(self, sentence: str) -> list[str]:
        """The words of a sentence, as `words` finds them."""
        return words(sentence)

    def knows(self, word: str) -> bool:
        """Whether the word, or for a number its shape, has a row of its own."""
        return _shape(word) in self._places

    def entry(self, word: str) -> str:
        """The entry that a word is read as."""
        shape = _shape(word)
        return shape if shape in self._places else self.stand_in(word)

    def stand_in(self, word: str) -> str:
        """The entry that the word is read as when its own row is missing."""
        end = ENDING + word[-LETTERS:]
        return end if len(word) > LETTERS and end in self._places else UNKNOWN

    def ids(self, sentence: Sequence[str]) -> list[int]:
        """The row of every word."""
        return [self._places[self.entry(word)] for word in sentence]


def _shape(word: str) -> str:
    return re.sub(r"\d", "0", word)
