"""The sidebar: which picture, which network. Both stay while one walks through the pages."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

import streamlit as st

from models.catalog import CATALOG, DEFAULT
from models.labels import names as class_names
from pages._ui import cached, picker, samples, workshop
from viz_core import images

UPLOAD_TYPES = ["jpg", "jpeg", "png", "webp", "gif", "bmp", "tif", "tiff"]


@dataclass(frozen=True)
class Picture:
    """The picture on every page.

    Attributes:
        key: SHA-256 of the bytes.
        raw: The file as it came.
        title: What people call it.
    """

    key: str
    raw: bytes
    title: str


def sidebar() -> None:
    """Draw the sidebar and keep what is chosen for `picture` and `network_name`."""
    _notice_bad_link()
    with st.sidebar:
        st.session_state.picture = _picture()
        _network()


def picture() -> Picture:
    """The picture that the sidebar shows."""
    return st.session_state.picture


def network_name() -> str:
    """The network that the sidebar shows: a key of the catalog, the default one for one's own."""
    return DEFAULT if own_network() else st.session_state.model


def own_network() -> str | None:
    """Name of the network of `workshop.trained` that the sidebar shows; None for another one."""
    name: str = st.session_state.model
    return None if name in CATALOG else name


def _notice_bad_link() -> None:
    """Say once what of a link could not be used; Streamlit drops such values silently."""
    known: dict[str, Collection[str]] = {"sample": samples.SAMPLES, "model": CATALOG}
    if "link_read" in st.session_state:
        return
    st.session_state.link_read = True
    for name, values in known.items():
        wanted = st.query_params.get(name)
        if wanted is not None and wanted not in values:
            st.toast(f"This link names a {name} that is not here; you see the default instead.")


def _picture() -> Picture:
    st.selectbox(
        "Sample picture",
        list(samples.SAMPLES),
        index=list(samples.SAMPLES).index(samples.DEFAULT),
        key="sample",
        bind="query-params",
        on_change=_use("sample"),
        help="Free pictures that come with Saccade. Licences: assets/gallery/LICENSES.md.",
    )
    gallery = st.container(key="gallery")
    own = _own()
    with gallery:
        picker.gallery(
            list(samples.SAMPLES),
            cached.thumbnails(),
            None if own else st.session_state.sample,
            key="picker",
        )
    if own:
        st.caption(f"You see **{own.title}**. Click a sample to go back.")
        return own
    key, raw = cached.sample(st.session_state.sample)
    return Picture(key, raw, st.session_state.sample)


def _use(source: str) -> Callable[[], None]:
    def remember() -> None:
        st.session_state.source = source

    return remember


def _own() -> Picture | None:
    """The visitor's picture, if that is what was chosen last and if it can be read."""
    uploaded = st.file_uploader(
        "Your own picture",
        type=UPLOAD_TYPES,
        key="upload",
        on_change=_use("upload"),
        help="Click, drop a file here, or paste with Ctrl+V. It stays in this server's memory.",
    )
    with st.popover("Take a photo", icon=":material/photo_camera:", width="stretch"):
        shot = st.camera_input(
            "Camera", key="camera", on_change=_use("camera"), help="Asks your browser first."
        )
    chosen = {"upload": uploaded, "camera": shot}.get(st.session_state.get("source", ""))
    if chosen is None:
        return None
    raw = chosen.getvalue()
    title = chosen.name if chosen is uploaded else "your photo"
    own = Picture(images.digest(raw), raw, title)
    try:
        cached.picture(own.key, own.raw)
    except images.ImageError as problem:
        st.error(f"{problem} You still see the sample.")
        return None
    return own


def _network() -> None:
    st.selectbox(
        "Network",
        [*CATALOG, *workshop.trained()],
        index=list(CATALOG).index(DEFAULT),
        key="model",
        bind="query-params",
        help="Those called Nano come with Saccade; others are downloaded once, when first used.",
    )
    if own := own_network():
        st.caption(f"**{own}**. Trained by you in this visit, on the page Train.")
        return
    entry = CATALOG[st.session_state.model]
    st.caption(f"**{entry.title}**. {entry.note}")
    with st.popover("About this network", icon=":material/info:", width="stretch"):
        none = "not measured." if entry.labels else "none: it names no classes."
        st.markdown(f"**Accuracy** {entry.accuracy or none}")
        st.markdown(f"**Licence** {entry.licence}")
        if entry.labels:
            known = class_names(entry.labels)
            some = ", ".join(known) if len(known) < 50 else f"{', '.join(known[::97])}, …"
            st.markdown(f"**Knows {len(known)} classes** {some}")
