"""Takes of the page Regions, one for each way."""

from typing import Any

from pages._ui import controls, regions_stage, take
from pages._ui.cached import regions
from pages._ui.take import Take, titled
from viz_core import attention, clusters


def view(network: str) -> Take:
    """The regions on the stage, as far as the browser said what it shows."""
    told = {**regions_stage.opening(), **take.seen("segment")}
    way = take.one_of(told, "way", regions_stage.OPENING["way"], regions_stage.WAYS)
    if way == "attention" and not regions.look(*_of(network)).masses:
        way = "colours"  # nothing is on the stage then: the control is there for every network
    return {"clusters": _clusters, "cut": _cut, "attention": _attention, "colours": _colours}[way](
        network, told
    )


def _of(network: str) -> tuple[str, str, bytes]:
    picture = controls.picture()
    return network, picture.key, picture.raw


def _layer(network: str, told: dict[str, Any]) -> int:
    levels = regions.look(*_of(network)).levels
    fine = [k for k, level in enumerate(levels) if len(level.tokens) >= regions_stage.FINE]
    first = fine[-1] if fine else len(levels) - 1
    return take.whole(told, "layer", first, len(levels)) if told.get("chosen") else first


def _count(told: dict[str, Any], counts: tuple[int, ...]) -> int:
    wanted = take.whole(told, "count", regions_stage.OPENING["count"], 256)
    return max(2, min(wanted, max(counts, default=2)))


def _named(network: str, layer: int, count: int) -> str:
    return f"{titled(network)}, {regions.layer_names(*_of(network))[layer]}, {count} regions"


def _clusters(network: str, told: dict[str, Any]) -> Take:
    layer = _layer(network, told)
    groups, level = (
        regions.grouped(*_of(network))[0][layer],
        regions.look(*_of(network)).levels[layer],
    )
    count = _count(told, groups.counts)
    found = clusters.groupings(level.tokens)
    return Take(
        name=f"regions-clusters-layer{layer + 1}-{count}",
        says=f"{_named(network, layer, count)} by k-means",
        numbers={
            "labels": groups.labels[count - 2].reshape(level.grid),
            "silhouettes": found.silhouettes, "held": found.held, "tokens": level.tokens,
        },
        script="regions_clusters",
        values={"NETWORK": network, "LAYER": layer, "COUNT": count},
    )  # fmt: skip


def _cut(network: str, told: dict[str, Any]) -> Take:
    layer, graph = _layer(network, told), regions_stage.graph_of(told.get("graph"))
    groups = regions.cut_groups(*_of(network), graph)[layer]
    division, grid = (
        regions.division(*_of(network), layer, graph),
        regions.look(*_of(network)).levels[layer].grid,
    )
    if division is None:
        return _colours(network, told)
    count = _count(told, groups.counts)
    return Take(
        name=f"regions-cut-layer{layer + 1}-{count}",
        says=f"{_named(network, layer, count)} by normalised cuts",
        numbers={
            "labels": groups.labels[count - 2].reshape(grid),
            "front": division.labels[0].reshape(grid), "costs": division.costs,
            "vector": division.vectors[0].reshape(grid), "eigenvalue": division.eigenvalues[:1],
        },
        script="regions_cut",
        values={
            "NETWORK": network, "LAYER": layer, "COUNT": count, "KEYS": graph.keys,
            "THRESHOLD": graph.threshold, "CENTRED": graph.centred,
        },
    )  # fmt: skip


def _attention(network: str, told: dict[str, Any]) -> Take:
    looks, layer = regions.maps(*_of(network)), _layer(network, told)
    at = next((k for k, one in enumerate(looks) if one.layer == layer), 0)
    maps = looks[at].maps
    head = take.whole(told, "head", len(maps) - 1, len(maps))
    share = told.get("share")
    share = share if isinstance(share, float) and 0 < share < 1 else regions_stage.OPENING["share"]
    grid, several = regions.look(*_of(network)).masses[at].grid, len(looks) > 1
    called, says = _head(looks[at].names[head])
    depth = f"{regions.layer_names(*_of(network))[looks[at].layer]}, " if several else ""
    reads = regions.look(*_of(network)).reads
    return Take(
        name=f"regions-attention{f'-layer{looks[at].layer + 1}' if several else ''}{called}",
        says=f"{titled(network)}, {depth}{says}the places that hold {100 * share:.0f} % of the "
        f"attention ({reads})",
        numbers={
            "shares": maps[head].reshape(grid),
            "mask": attention.mass_mask(maps[head], share).reshape(grid),
        },
        script="regions_attention",
        values={"NETWORK": network, "MAP": at, "HEAD": head, "SHARE": share},
    )


def _head(name: str) -> tuple[str, str]:
    """How a map of the heads is called in a file's name, and in words; "" if it is the only one."""
    if name == "all":
        return "", ""
    return (
        ("-mean", "mean of the heads: ") if name == "mean" else (f"-head{name}", f"head {name}: ")
    )


def _colours(network: str, told: dict[str, Any]) -> Take:
    grid = regions.look(*_of(network)).levels[_layer(network, told)].grid
    colours = regions.surface(*_of(network), grid)
    found = clusters.groupings(colours)
    count = _count(told, found.counts)
    return Take(
        name=f"regions-colours-{count}",
        says=f"{count} regions of {grid[0]} × {grid[1]} mean colours",
        numbers={
            "labels": found.labels[count - 2].reshape(grid),
            "silhouettes": found.silhouettes, "colours": colours,
        },
        script="regions_colours",
        values={"NETWORK": network, "GRID": grid, "COUNT": count},
    )  # fmt: skip
