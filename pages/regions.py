from functools import partial

from pages._ui import explain, frame, regions_stage, regions_text, regions_tries, take, tries
from pages._ui.takes import regions as regions_take

header = frame.header(
    "Regions",
    "Nobody ever showed these networks an outline. Still their tokens fall into regions: point at "
    "one, then click it to keep nothing else.",
    (
        "token",
        "key",
        "class token",
        "k-means",
        "silhouette",
        "normalised cut",
        "adjusted Rand index",
    ),
)
network = regions_stage.choose()
if network:
    regions_stage.correct_link(network)
    regions_stage.show(network)
    tries.show(regions_tries.SUGGESTIONS)
    take.offer(header, partial(regions_take.view, network))
explain.page("regions", *regions_text.CODE, values=regions_text.values(network))
