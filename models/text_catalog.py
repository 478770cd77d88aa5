"""The text networks that ship: names and words for people. Imports no torch: pages list it."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class TextEntry:
    """A text network in words.

    Attributes:
        task: What it answers, in a sentence.
        examples: Sentences to try, of no data set.
    """

    title: str
    task: str
    examples: tuple[str, ...]


TEXTS = {
    "text_cct_trec": TextEntry(
        title="Questions (TREC)",
        task="What kind of answer does a question ask for?",
        examples=(
            "Who discovered the north pole?",
            "Where do penguins sleep?",
            "How many strings does a violin have?",
            "What does NASA stand for?",
            "Why do leaves turn red in autumn?",
            "What is the fastest animal on land?",
        ),
    ),
    "text_cct_ag_news": TextEntry(
        title="News (AG News)",
        task="Which section of the newspaper does a report belong to?",
        examples=(
            "The phone maker sued its rival over patents on touch screens.",
            "The striker scored twice as the champions won the cup final on Sunday.",
            "Oil prices rose to a record and shares fell as investors feared shortages.",
            "Scientists have found water ice below the dust of a distant moon.",
            "The president met ministers of both countries to sign the peace agreement.",
        ),
    ),
}
