from models import text_compact, text_data
from pages._ui import explain, frame, take, text_networks, text_stage, text_tries, tries
from pages._ui.takes import text as takes
from viz_core.probe import text as probe
from viz_core.sentence import typed

header = frame.header(
    "Text",
    "Type a sentence. Then point at a word: where does it look, and what would the answer be "
    "without it?",
    words=(
        "token",
        "vocabulary",
        "word embedding",
        "unknown word",
        "kernel",
        "query",
        "key",
        "padding",
        "padding mask",
        "causal mask",
    ),
)
text_stage.show()
if takes.ready():
    take.offer(header, takes.view)
tries.show(text_tries.TEXT)
text_networks.steps()
text_networks.table()
explain.page(
    "text",
    typed.cleaned,
    text_data.words,
    text_data.Vocabulary,
    text_compact.Embedder,
    text_compact.TextTokenizer,
    text_compact.Classifier,
    text_compact.closed_pairs,
    probe.read,
    probe.spread,
    values=text_networks.live(),
)
