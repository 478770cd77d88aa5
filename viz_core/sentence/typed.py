"""What a person typed, made fit to be read."""

import unicodedata

MOST_LETTERS = 20_000
SPACES = {"Cc", "Zl", "Zp", "Zs"}
UNSEEN = {"Cf", "Cs", "Co", "Cn"}  # marks of direction, joiners, halves of letters, no letters


def cleaned(sentence: str) -> str:
    """A typed sentence without what cannot be seen; line breaks and tabs become spaces.

    Args:
        sentence: Anything; what comes after the first 20,000 characters is left out.

    Returns:
        At least one sign, single spaces, letters composed (Unicode's NFC).

    Raises:
        ValueError: In a sentence for people, if nothing is left.
    """
    composed = unicodedata.normalize("NFC", sentence[:MOST_LETTERS])
    kinds = [(letter, unicodedata.category(letter)) for letter in composed]
    seen = (" " if kind in SPACES else letter for letter, kind in kinds if kind not in UNSEEN)
    text = " ".join("".join(seen).split())
    if not text:
        raise ValueError("There is no word in the box: type a sentence.")
    return text
