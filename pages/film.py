from functools import partial

from models import compact, film
from pages._ui import explain, film_stage, film_tries, frame, take, tries
from pages._ui.takes import film as takes
from viz_core import growth_reading, positions
from viz_core.probe import growth

header = frame.header(
    "Training film",
    "A network that knows nothing learns to see your picture. Drag through its training: what "
    "forms first, filters, positions or attention?",
)
run = film_stage.choose(
    header,
    ("token", "class token", "sequence pooling", "kernel", "position", "moment of a training"),
)
film_stage.show(run)
if run:
    take.offer(header, partial(takes.view, run))
film_stage.elsewhere()
tries.show(film_tries.FILM)
explain.page(
    "film",
    growth.watch,
    film.frames,
    compact.Compact,
    positions.similarity,
    growth_reading.way,
    growth_reading.order,
    values=film_stage.values(run),
)
