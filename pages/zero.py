from models import transformer
from pages._ui import explain, frame, take, tries, zero_decoder, zero_labs, zero_stage, zero_tries
from pages._ui.takes import zero as takes
from viz_core import complexity, normalise, softmax, stepper_tokens
from viz_core.probe import transformer as probe

header = frame.header(
    "Attention from zero",
    "One attention, matrix by matrix. Press Next, point at a number to see what it is made of, "
    "and change it.",
    words=("token", "query", "key", "value", "softmax", "head", "mask", "cross-attention"),
)
zero_stage.show()
take.offer(header, takes.view)
tries.show(zero_tries.ZERO)
zero_decoder.show()
zero_labs.show()
explain.page(
    "zero",
    transformer.Attention,
    transformer.causal_mask,
    transformer.sinusoid,
    transformer.EncoderLayer,
    transformer.DecoderLayer,
    probe.walk,
    stepper_tokens.directions,
    stepper_tokens.telling,
    stepper_tokens.word_vectors,
    softmax.normal_scores,
    softmax.expected,
    normalise.layer_norm,
    normalise.batch_statistics,
    normalise.batch_norm,
    complexity.cost,
    complexity.path,
    values=zero_stage.live(),
)
