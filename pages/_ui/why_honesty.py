"""Below the stage of the page Why: what says how far to trust the map."""

from __future__ import annotations

from collections.abc import Hashable
from typing import TYPE_CHECKING

import numpy as np
import streamlit as st

from models.catalog import CATALOG
from pages._ui import frame, why_choice
from pages._ui.busy import Busy, counted, took
from pages._ui.cached import attribution, honesty
from pages._ui.cached import why as cached
from pages._ui.why_choice import Choice
from pages._ui.why_stage import mount
from viz_core.attribution.methods import METHODS
from viz_core.why import figures, wire

if TYPE_CHECKING:
    from viz_core.attribution.trust import Completeness

ASKED = "why-measured"
OPENS = "why-opens"  # kind of what a suggestion wants computed
THIN = "\u2009"
ALIKE, CHANGED, SAME = 0.7, 0.3, 0.995


def show(choice: Choice) -> None:
    """Numbers of this map, its likeness to other maps, a network that forgets, the gallery."""
    frame.section(
        "Can you trust this map?",
        "A map is a claim. Beside the curves above: does it add up, does it predict what erasing "
        "costs, does it hold still?",
    )
    adds, predicts, still = st.columns(3, gap="small")
    with adds, st.container(border=True, height="stretch"):
        _adds_up(choice)
    with predicts, st.container(border=True, height="stretch"):
        _predicts(choice)
    with still, st.container(border=True, height="stretch"):
        _holds_still(choice)
    frame.section(
        "Do methods agree?",
        "The same question to every method. Click a map to bring it onto the stage.",
    )
    _agreement(choice)
    frame.section(
        "What if the network forgets?",
        "Shuffle its weights part by part, from the head down, and make the map anew. Where it "
        "stays, it does not depend on what that part has learned.",
    )
    _forgets(choice)
    _gallery(choice)


def _adds_up(choice: Choice) -> None:
    from viz_core.attribution.trust import completeness

    st.markdown("**Does it add up?**")
    method = METHODS[choice.method]
    found = completeness(attribution.attribution(*choice.asked))
    if found is None:
        st.caption(
            f"{method.title} promises no sum: its values say more or less, not how much of the "
            "logit. Integrated gradients and GradientShap promise one."
        )
        return
    st.markdown(_gap(found))
    st.caption(
        "Promised: the sum of the map is the score of the picture less that of the baseline."
    )


def _gap(found: Completeness) -> str:
    """Completeness in numbers and in words."""
    share = "" if found.relative is None else f", {100 * found.relative:.3g}{THIN}% of it"
    told = (
        f"The map adds up to **{found.sum:.3g}**, due are **{found.due:.3g}** logits: a gap of "
        f"**{found.gap:+.2g}**{share}. "
    )
    if found.relative is None:
        return told + "There is next to nothing to share out."
    if found.relative < 0.05:
        return told + "What it hands out is there."
    return told + "Part of what it hands out is not there, or is missing."


def _predicts(choice: Choice) -> None:
    st.markdown("**Does it predict?**")
    key = ("trust", *choice.given[:2], choice.target, choice.settings.baseline)
    said = "Erases 128 random squares and compares what the map promised. Once for all methods."
    if not _asked(key, "Erase squares", said, choice, 129):
        return
    busy = _busy("Erasing random squares", key)
    found = honesty.trust(*choice.asked, choice.settings.baseline, busy)
    busy.over()
    left, even = found.infidelity.unexplained, found.even.unexplained
    better = "better" if left < 0.98 * even else "worse" if left > 1.02 * even else "no better"
    st.markdown(
        f"Of what erasing squares costs it leaves **{_percent(left)}** unexplained. A map that is "
        f"the same everywhere leaves {_percent(even)}: this one is **{better}**."
    )
    upside = " Its best scale is negative: it is better upside down." * (found.infidelity.scale < 0)
    st.caption(f"Infidelity, best scaled: 0{THIN}% knows every fall.{upside}")


def _holds_still(choice: Choice) -> None:
    st.markdown("**Does it hold still?**")
    key = ("sensitivity", *choice.given[:2], choice.method, choice.target, choice.settings)
    passes = honesty.sensitivity_passes(choice.network, choice.method, choice.settings)
    said = "Makes the map again for ten pictures with noise that you cannot see."
    if not _asked(key, "Add noise", said, choice, passes):
        return
    busy = _busy("Noise that you cannot see", key)
    moved = honesty.sensitivity(*choice.asked, busy)
    busy.over()
    st.markdown(f"Invisible noise moves it by up to **{_percent(moved)}** of its length.")
    st.caption(
        "Sensitivity, the largest of ten. A map that never moves may say nothing: read it beside "
        "the number on the left."
    )


def _agreement(choice: Choice) -> None:
    key = ("agreement", *choice.given[:2], choice.target, choice.settings)
    passes = honesty.agreement_passes(choice.network, choice.settings)
    suited = honesty.methods(choice.network)
    said = f"The maps of {len(suited)} methods that suit this network, for {choice.named}."
    if not _asked(key, "Compare all methods", said, choice, passes):
        return
    busy = _busy("Asking every method", key)
    found = honesty.agreement(*choice.given, choice.target, choice.settings, busy)
    busy.over()
    at = found.methods.index(choice.method)
    tiles = [
        wire.Tile(
            method, METHODS[method].title, "this map: " if method == choice.method else "",
            honesty.on_cells(*choice.given, method, choice.target, choice.settings),
            METHODS[method].signed, float(found.correlation[at, k]),
        )
        for k, method in enumerate(found.methods)
    ]  # fmt: skip
    _sheet(choice, tiles, "why-agreement", found.correlation)
    others = np.delete(found.correlation[at], at)
    known = others[~np.isnan(others)]
    middle = f"{np.median(known):.2f}" if known.size else "–"
    st.caption(
        f"Numbers below the maps: rank correlation with {METHODS[choice.method].title}, median "
        f"{middle}. Of the {found.count} highest cells two maps that know nothing of each other "
        f"share {_percent(found.chance)}. Methods that agree may share a mistake."
    )
    if _by_construction(choice.network, found):
        st.caption(
            "Grad-CAM and the logit lens agree here by construction: after the last map come only "
            "the mean over all places and a linear head, so both weigh the channels alike."
        )


def _by_construction(network: str, found: honesty.Agreement) -> bool:
    """Whether two of the maps rank places alike because they are the same sum."""
    pair = {"grad_cam", "logit_lens"}
    if CATALOG[network].architecture != "resnet" or not pair <= set(found.methods):
        return False
    one, other = (found.methods.index(method) for method in pair)
    return bool(found.correlation[one, other] > SAME)


def _forgets(choice: Choice) -> None:
    key = ("cascade", *choice.given[:2], choice.method, choice.target, choice.settings)
    passes = honesty.cascade_passes(choice.network, choice.method, choice.settings)
    said = f"{METHODS[choice.method].title} of a private copy that forgets, part by part."
    if not _asked(key, "Let it forget", said, choice, passes):
        return
    busy = _busy("Forgetting", key)
    stages = honesty.cascade(*choice.asked, busy)
    busy.over()
    tiles = [
        wire.Tile(
            "", f"… {stage.part}" if stage.part else "as trained", "",
            np.nan_to_num(stage.found.values), stage.found.signed, stage.signed,
        )
        for stage in stages
    ]  # fmt: skip
    _sheet(choice, tiles, "why-forgets")
    st.markdown(_verdict(METHODS[choice.method].title, [stage.signed for stage in stages[1:]]))


def _verdict(title: str, alike: list[float]) -> str:
    """What the correlations with the first map say."""
    known = [one for one in alike if not np.isnan(one)]
    if not known:
        return f"Without what was learned, {title} has no order left that could be compared."
    last, head = known[-1], known[0]
    told = (
        f"Rank correlation with the first map: {head:.2f} without the head, {last:.2f} at the end. "
    )
    if abs(last) > ALIKE:
        return told + f"**{title} hardly changes: most of it is not what the network learned.**"
    if abs(last) < CHANGED:
        depends = "It depends on what the network has learned, as it should."
    else:
        depends = (
            "Part of it stays. Maps are smooth, so even unrelated ones reach about 0.5 now "
            "and then."
        )
    if head > SAME:
        return f"{told}**What the head learned of the classes does not count for it.** {depends}"
    return told + depends


def _gallery(choice: Choice) -> None:
    """How the methods do on all samples, where that was measured for this network."""
    measured = cached.gallery(choice.network)
    if measured is None or choice.method not in measured.summary:
        return
    frame.section(
        "Is it better than chance?",
        f"Every method on {measured.pictures} sample pictures: left of the dotted line a random "
        "order does better.",
    )
    found = [
        figures.Gain(METHODS[name].title, one["deletion_gain"], one["insertion_gain"])
        for name, one in measured.summary.items()
        if name in METHODS
    ]
    st.plotly_chart(
        figures.gains(found, METHODS[choice.method].title), key="why-gallery",
        config={"displayModeBar": False},
    )  # fmt: skip
    doubtful = [one.title for one in found if not one.sure]
    middle = measured.summary["middle first"]
    told = (
        f"Not surely better than random in both: {', '.join(doubtful)}."
        if doubtful
        else "Every method is surely better than random in both."
    )
    st.caption(
        f"{told} The middle of the picture first gains {_signed(middle['deletion_gain'][0])} in "
        f"deletion and {_signed(middle['insertion_gain'][0])} in insertion without looking. Gains "
        "are in area, which lies between 0 and 1; bars are two standard errors. Filled with "
        f"{measured.filling}; the class is the first answer; {measured.made_by}."
    )


def _sheet(
    choice: Choice, tiles: list[wire.Tile], key: str, matrix: np.ndarray | None = None
) -> None:
    message = wire.pack_sheet(
        tiles,
        picture_jpeg=cached.picture_jpeg(*choice.given, cached.TILE_PIXELS),
        matrix=matrix,
        header={"current": choice.method},
    )

    def heard() -> None:
        told = (st.session_state.get(key) or {}).get("asked")
        if isinstance(told, dict):
            why_choice.change(told)

    mount(data=message, key=key, on_asked_change=heard)


def _asked(key: Hashable, label: str, said: str, choice: Choice, passes: float) -> bool:
    """Whether somebody asked for this; else what it costs, and the button that asks."""
    if st.session_state.get(OPENS) == _kind(key):
        del st.session_state[OPENS]
        _ask(key)
    if key in st.session_state.get(ASKED, ()):
        return True
    cost = took(passes * cached.seconds(choice.network))
    st.caption(f"{said} {counted(passes)}, {cost}.")
    st.button(label, key=f"why-{_kind(key)}", on_click=_ask, args=(key,), help="Starts it.")
    return False


def _ask(key: Hashable) -> None:
    st.session_state[ASKED] = {*st.session_state.get(ASKED, ()), key}


def _busy(said: str, key: Hashable) -> Busy:
    def stop() -> None:
        st.session_state[ASKED] = set(st.session_state.get(ASKED, ())) - {key}

    return Busy(st.empty(), said, f"why-{_kind(key)}", stop)


def _kind(key: Hashable) -> str:
    assert isinstance(key, tuple)
    return str(key[0])


def _signed(gain: float) -> str:
    """Two digits with a sign; what rounds to nothing has none."""
    return "0.00" if abs(gain) < 0.005 else f"{gain:+.2f}".replace("-", "−")


def _percent(share: float) -> str:
    return "–" if np.isnan(share) else f"{100 * share:.3g}{THIN}%"
