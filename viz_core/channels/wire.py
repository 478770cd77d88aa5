"""What the component `channels` is sent; `cutter/js/wire.js` reads it (see `patch_frames`)."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from jaxtyping import Float

from viz_core import feature_maps, patch_frames
from viz_core.clusters import Clusters
from viz_core.feature_maps import Peaks, Place
from viz_core.pyramid import features


@dataclass(frozen=True)
class Sent:
    """One map of the message.

    Attributes:
        place: Where it was recorded.
        maps: Activations.
        drives: What each channel adds to each of the explained logits, (class, channel).
        regions: Its tokens in groups; None where they were not computed.
    """

    place: Place
    maps: Float[np.ndarray, "row column channel"]
    drives: Float[np.ndarray, "class channel"]
    regions: Clusters | None = None


def pack(
    sent: Sequence[Sent],
    *,
    title: str,
    side: int,
    picture_jpeg: bytes,
    classes: Sequence[Mapping[str, Any]],
    taps: Sequence[Mapping[str, Any]],
) -> bytes:
    """One message: maps of all places, their numbers, colours and regions.

    Args:
        sent: Maps in the order of the network.
        title: The network, as people call it.
        side: Of its input in pixels.
        picture_jpeg: The crop that it sees, at any resolution.
        classes: Label and share of each explained class.
        taps: Stage, block and names of the maps of every block, sent or not.

    Raises:
        ValueError: If nothing is sent, or drives do not fit the classes or channels.
    """
    if not sent:
        raise ValueError("a wall needs at least one map")
    maps, numbers, colours, regions = _Buffer(), _Buffer(), _Buffer(), _Buffer()
    places = []
    for one in sent:
        rows, columns, channels = one.maps.shape
        if one.drives.shape != (len(classes), channels):
            raise ValueError(f"drives {one.drives.shape} for {len(classes)} classes, {channels}")
        level = feature_maps.quantised(one.maps)
        shown, held = features.principal_colours(one.maps)
        told = [level.low, level.high, feature_maps.strength(one.maps)]
        told += [feature_maps.contrast(one.maps), *one.drives]
        entry: dict[str, Any] = {
            "stage": one.place.stage, "block": one.place.block, "tap": one.place.tap,
            "name": one.place.name, "rows": rows, "columns": columns, "channels": channels,
            "at": maps.add(level.levels.tobytes()),
            "numbers": numbers.add(np.stack(told).astype("<f4").tobytes()),
            "colours": colours.add(shown.tobytes()), "held": round(held, 4),
        }  # fmt: skip
        if one.regions is not None and one.regions.counts:
            entry["regions"] = {
                "counts": list(one.regions.counts),
                "silhouettes": [round(float(s), 4) for s in one.regions.silhouettes],
                "held": [round(float(s), 4) for s in one.regions.held],
                "at": regions.add(one.regions.labels.tobytes()),
            }
        places.append(entry)
    header = {
        "kind": "wall", "title": title, "side": side, "places": places,
        "classes": [dict(one) for one in classes], "taps": [dict(one) for one in taps], "view": {},
    }  # fmt: skip
    return patch_frames.pack(
        header, picture=picture_jpeg, maps=maps.joined(), numbers=numbers.joined(),
        colours=colours.joined(), regions=regions.joined(),
    )  # fmt: skip


def pack_gallery(
    found: Mapping[str, Peaks],
    *,
    title: str,
    strip_jpeg: bytes,
    names: Sequence[str],
    side: int,
    grids: Mapping[str, tuple[int, int]],
    fields: Mapping[str, int],
) -> bytes:
    """The pictures that excite each channel most, for the row below the wall.

    Args:
        found: By tap name.
        title: The network, as people call it.
        strip_jpeg: The gallery's crops, square, side by side.
        names: What the pictures are called, in the strip's order.
        side: Of the network's input in pixels.
        grids: Rows and columns of each map.
        fields: Side in input pixels of what a token of each map can see at most.

    Raises:
        ValueError: If a picture's index has no name.
    """
    body, places = _Buffer(), {}
    for name, peaks in found.items():
        channels, ranks = peaks.values.shape
        if peaks.pictures.size and int(peaks.pictures.max()) >= len(names):
            raise ValueError(f"picture {int(peaks.pictures.max())} of {len(names)}")
        rows, columns = grids[name]
        places[name] = {
            "channels": channels, "ranks": ranks, "rows": rows, "columns": columns,
            "field": fields[name], "at": body.add(_peaks(peaks)),
        }  # fmt: skip
    header = {
        "kind": "gallery", "title": title, "names": list(names), "side": side, "places": places,
        "view": {},
    }  # fmt: skip
    return patch_frames.pack(header, strip=strip_jpeg, peaks=body.joined())


def _peaks(peaks: Peaks) -> bytes:
    """Values, then places, then pictures, each (channel, rank)."""
    return (
        peaks.values.astype("<f4").tobytes()
        + peaks.places.astype("<u2").tobytes()
        + peaks.pictures.astype(np.uint8).tobytes()
    )


class _Buffer:
    """Bytes one after another, each at a multiple of 4."""

    def __init__(self) -> None:
        self._parts: list[bytes] = []
        self._length = 0

    def add(self, part: bytes) -> int:
        """Offset at which the part starts."""
        at = self._length
        padded = part + bytes(-len(part) % 4)
        self._parts.append(padded)
        self._length += len(padded)
        return at

    def joined(self) -> bytes:
        return b"".join(self._parts)
