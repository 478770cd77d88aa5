from functools import partial

from models import vit
from pages._ui import (
    breakit,
    explain,
    frame,
    patches_cost,
    patches_embed,
    patches_pooling,
    patches_stage,
    patches_tries,
    take,
    tries,
)
from pages._ui.takes import patches as takes
from viz_core import breaking, macs, patches
from viz_core.probe import patches as probe

header = frame.header(
    "Patches and tokens",
    "A transformer reads a sequence, not a picture. Watch the patches line up; point at one to see "
    "its numbers; drag the patch size.",
    words=(
        "token",
        "patch",
        "embedding",
        "class token",
        "position",
        "kernel",
        "principal component",
        "logit",
        "MAC",
    ),
)
shown = patches_stage.show()
take.offer(header, partial(takes.view, shown))
patches_stage.ribbon(shown)
tries.show(patches_tries.TRIES)
patches_embed.equality(shown)
patches_embed.filters(shown)
patches_pooling.show(shown)
patches_cost.show(shown)
breakit.show()
explain.page(
    "patches",
    patches.cut,
    vit.PatchEmbed,
    vit.ViT.embed,
    probe.reshape_and_linear,
    patches.components,
    patches.answers,
    probe.readings,
    macs.cost,
    breaking.applied,
    breaking.put_back,
    values=patches_stage.values(shown),
)
