"""The map of ideas: which paper led to which, drawn as SVG over the years."""

from collections.abc import Sequence
from dataclasses import dataclass
from html import escape

BOX_WIDTH, BOX_HEIGHT = 128, 46
YEAR_WIDTH, LANE_HEIGHT = 150, 78
LEFT, TOP = 84, 40


@dataclass(frozen=True)
class Idea:
    """A paper on the map.

    Attributes:
        name: What people call it.
        year: Of the preprint.
        lane: Row on the map, from 0 at the top; halves are allowed.
        arxiv: Identifier of the preprint.
        brought: What it brought, in a few words.
        after: Names of the ideas it builds on.
        chapter: Whether the app shows it.
    """

    name: str
    year: int
    lane: float
    arxiv: str
    brought: str
    after: tuple[str, ...] = ()
    chapter: bool = False


IDEAS = (
    Idea("ResNet", 2015, 4, "1512.03385", "skip connections"),
    Idea("Transformer", 2017, 1, "1706.03762", "attention only", chapter=True),
    Idea("Non-local", 2017, 2.5, "1711.07971", "attention in a CNN", ("ResNet",)),
    Idea("BERT", 2018, 0, "1810.04805", "fill in the blanks", ("Transformer",)),
    Idea("Axial attention", 2019, 2.5, "1912.12180", "rows, then columns", ("Non-local",)),
    Idea("ViT", 2020, 1, "2010.11929", "patches as words", ("Transformer",), chapter=True),
    Idea("DETR", 2020, 3.2, "2005.12872", "boxes as tokens", ("Transformer", "ResNet")),
    Idea("BEiT", 2021, -0.5, "2106.08254", "guess visual words", ("BERT", "ViT")),
    Idea("MAE", 2021, 0.5, "2111.06377", "paint hidden patches", ("BERT", "ViT"), chapter=True),
    Idea("Compact (CCT)", 2021, 1.5, "2104.05704", "small data", ("ViT",), chapter=True),
    Idea("Swin", 2021, 2.5, "2103.14030", "shifted windows", ("ViT", "Axial attention"), True),
    Idea("ConvNeXt", 2022, 4, "2201.03545", "a CNN learns from Swin", ("ResNet", "Swin"), True),
)


def place(idea: Idea, ideas: Sequence[Idea] = IDEAS) -> tuple[float, float]:
    """Left and top edge of an idea's box in the drawing's units."""
    first, top = min(i.year for i in ideas), min(i.lane for i in ideas)
    skipped = sum(1 for y in range(first, idea.year) if all(i.year != y for i in ideas))
    x = LEFT + (idea.year - first - skipped) * YEAR_WIDTH - BOX_WIDTH / 2
    return x, TOP + (idea.lane - top) * LANE_HEIGHT


def svg(ideas: Sequence[Idea] = IDEAS) -> str:
    """The map as one SVG element; its boxes link to the papers.

    Colours come from the classes `idea`, `chapter`, `thread` and `year`.

    Raises:
        ValueError: If an idea builds on one that is not there or not older.
    """
    known = {idea.name: idea for idea in ideas}
    for idea in ideas:
        for name in idea.after:
            if name not in known or known[name].year >= idea.year:
                raise ValueError(f"{idea.name} cannot build on {name}")
    places = {idea.name: place(idea, ideas) for idea in ideas}
    width = max(x for x, _ in places.values()) + BOX_WIDTH + 16
    height = max(y for _, y in places.values()) + BOX_HEIGHT + 12
    threads = [
        _thread(places[name], places[idea.name], bool(idea.chapter and known[name].chapter))
        for idea in ideas
        for name in idea.after
    ]
    years = sorted({(idea.year, places[idea.name][0]) for idea in ideas})
    heads = [
        f'<text class="year" x="{x + BOX_WIDTH / 2}" y="20" text-anchor="middle">{year}</text>'
        for year, x in years
    ]
    boxes = [_box(idea, *places[idea.name]) for idea in ideas]
    return (
        f'<svg class="ideas" viewBox="0 0 {width:.0f} {height:.0f}" role="img" '
        f'aria-label="Which paper led to which">{"".join(threads + heads + boxes)}</svg>'
    )


def _thread(start: tuple[float, float], end: tuple[float, float], bold: bool) -> str:
    x0, y0 = start[0] + BOX_WIDTH, start[1] + BOX_HEIGHT / 2
    x1, y1 = end[0], end[1] + BOX_HEIGHT / 2
    half = (x0 + x1) / 2
    kind = "thread chapter" if bold else "thread"
    return f'<path class="{kind}" d="M{x0} {y0}C{half} {y0} {half} {y1} {x1} {y1}"/>'


def _box(idea: Idea, x: float, y: float) -> str:
    kind = "idea chapter" if idea.chapter else "idea"
    middle = x + BOX_WIDTH / 2
    return (
        f'<a href="https://arxiv.org/abs/{idea.arxiv}" target="_blank" rel="noopener">'
        f"<title>{escape(idea.name)} ({idea.year}): {escape(idea.brought)}</title>"
        f'<rect class="{kind}" x="{x}" y="{y}" width="{BOX_WIDTH}" height="{BOX_HEIGHT}" rx="9"/>'
        f'<text class="name" x="{middle}" y="{y + 19}" text-anchor="middle">{escape(idea.name)}'
        f'</text><text class="brought" x="{middle}" y="{y + 36}" text-anchor="middle">'
        f"{escape(idea.brought)}</text></a>"
    )
