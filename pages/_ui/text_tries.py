"""Telling sentences."""

from pages._ui.tries import Try

TEXT = (
    Try(
        label="Leave out “who”",
        question="One word, another answer: what does it take for a place or a person without it?",
        state={
            "sentence_view": {
                "network": "text_cct_trec", "sentence": "Who discovered the north pole?",
                "length": 0, "causal": False, "word": 0,
            }
        },
    ),
    Try(
        label="Two words change places",
        question="Now type “Oil champions.”: the same words. Why does the answer change?",
        state={
            "sentence_view": {
                "network": "text_cct_ag_news", "sentence": "Champions oil.",
                "length": 0, "causal": False,
            }
        },
    ),
    Try(
        label="Words it has never seen",
        question="Invented names: how does it read them, and does it still know what is asked?",
        state={
            "sentence_view": {
                "network": "text_cct_trec", "sentence": "Who was Zaphod Beeblebroxing?",
                "length": 0, "causal": False,
            }
        },
    ),
    Try(
        label="Pad to 40",
        question="Thirty empty places are added. By how much does the answer change?",
        state={"sentence_view": {"length": 40}},
    ),
    Try(
        label="No look ahead",
        question="The causal mask turns the answer round. Which tokens no longer see “cup”?",
        state={
            "sentence_view": {
                "network": "text_cct_ag_news", "sentence": "Microsoft wins the cup.",
                "length": 0, "causal": True,
            }
        },
    ),
)  # fmt: skip
