"""The sample pictures: `assets/gallery`, with their licences in LICENSES.md beside them."""

from pathlib import Path

GALLERY = Path(__file__).parents[2] / "assets" / "gallery"
LICENCES = GALLERY / "LICENSES.md"

# What people read and links carry -> file name without .jpg, in the order of the gallery.
SAMPLES = {
    "cat": "cat",
    "dog": "dog",
    "peacock": "bird_peacock",
    "elephant": "elephant",
    "taxis": "taxis",
    "coffee": "coffee",
    "butterfly": "butterfly",
    "ibis": "bird_ibis",
    "burger": "burger",
    "cat-close": "chelsea_cat",
    "temple": "temple_china",
    "balloons": "two_balloons",
    "turtle": "turtle",
    "flower": "flower",
    "ice-cream": "ice_cream",
    "rocket": "rocket",
    "cat-and-dog": "cat_and_dog_collage",
    "astronaut": "astronaut",
    "grace-hopper": "grace_hopper",
}
DEFAULT = "cat"


def path(name: str) -> Path:
    """File of a sample."""
    return GALLERY / f"{SAMPLES[name]}.jpg"
