"""Telling views of the stepper."""

from pages._ui.tries import Try

ZERO = (
    Try(
        label="Two of a kind",
        question="Queries and keys are the patch itself. Which patches find each other, and why?",
        state={
            "zero_tokens": "Patches", "zero_weights": "Own kind", "zero_cross": False,
            "zero_causal": False, "stepper_view": {"step": "pattern"},
        },
    ),
    Try(
        label="The same word twice",
        question="Both “the” ask and answer alike. Add positions: what tells them apart?",
        state={
            "zero_tokens": "Words", "zero_words": "the cat sees the dog", "zero_positions": False,
            "zero_weights": "Own kind", "zero_cross": False, "stepper_view": {"step": "pattern"},
        },
    ),
    Try(
        label="No look ahead",
        question="What becomes of the shares that the mask closes? Go on to the softmax.",
        state={"zero_causal": True, "zero_cross": False, "stepper_view": {"step": "scores"}},
    ),
    Try(
        label="Without √d",
        question="One wide head, undivided: does any row still look at more than one patch?",
        state={
            "zero_scale": False, "zero_heads": "1", "zero_weights": "Random",
            "stepper_view": {"step": "pattern"},
        },
    ),
)  # fmt: skip
