"""The take of the page Patches and tokens."""

from pages._ui.cached import patches as cached
from pages._ui.patches_stage import Shown
from pages._ui.take import Take, titled
from viz_core import patches


def view(shown: Shown) -> Take:
    """The picture at the network's own patch size, from pixels to logits."""
    base, look, found = (
        cached.ground(*shown.of),
        cached.seen(*shown.of),
        cached.components(shown.network),
    )
    rows = patches.cut(base.pixels[0], base.shape.patch)
    return Take(
        name=f"patches-{shown.network}",
        says=f"{titled(shown.network)}, patches of {base.shape.patch} pixels",
        numbers={
            "pixels": rows,
            "tokens": look.patches,
            "embedded": look.embedded,
            "last_block": look.blocks[-1],
            "last_attention": look.pattern,
            "logits": look.logits,
            "logits_of_patches": cached.readings(*shown.of).of_patches,
            "kernel_components": found.tiles,
            "kernel_shares": found.shares,
            "component_answers": patches.answers(rows, found.tiles),
        },
        script="patches",
        values={"NETWORK": shown.network, "COMPONENTS": cached.COMPONENTS},
    )
