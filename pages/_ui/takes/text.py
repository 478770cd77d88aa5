"""The take of the page Text."""

import numpy as np
import streamlit as st

from models.text_catalog import TEXTS
from pages._ui import take, text_stage
from pages._ui.cached import text as cached
from pages._ui.take import Take


def view() -> Take:
    """The sentence on the stage, with the causal mask if the browser shows that."""
    name, sentence, length = text_stage.shown()
    loaded = cached.network(name)
    causal = take.seen("sentence").get("causal") is True
    found = cached.reading(name, sentence, causal, length)
    return Take(
        name=name.replace("_", "-"),
        says=f"{TEXTS[name].title}: “{sentence[:60]}”",
        numbers={
            "words": np.array(found.words),
            "ids": found.ids,
            "attention": found.patterns,
            "pooling": found.pooling,
            "word_pooling": found.word_pooling,
            "classes": np.array(loaded.classes),
            "probabilities": found.probabilities,
            "without": found.without,
            "effect": found.effect,
        },
        script="text",
        values={"NETWORK": name, "SENTENCE": sentence, "LENGTH": length, "CAUSAL": causal},
    )


def ready() -> bool:
    """Whether there is a sentence to take: not where a network's files are missing."""
    return text_stage.SHOWN in st.session_state
