"""Published weights, from a hub of our own on this machine."""

import os
import shutil
import subprocess
import sys
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from pathlib import Path

import huggingface_hub
import pytest
import safetensors.torch
import torch
from huggingface_hub import constants

from models import catalog, hub, weights
from models.catalog import CATALOG, Entry, Preprocessing, build
from models.weights import WeightsError
from tests.hub_server import Hub, serving
from tests.mae_reference import as_on_the_hub
from tests.parity import shaken

ROOT = Path(__file__).parent.parent
REPO = "someone/tiny"
TINY = Entry(
    name="tiny",
    title="Tiny",
    architecture="vit",
    options=dict(image_size=16, patch_size=4, width=32, depth=2, heads=2, classes=3),
    weights=catalog.Hub(REPO),
    labels=None,
    preprocessing=Preprocessing(16, 1.0, (0.5, 0.5, 0.5), (0.5, 0.5, 0.5)),
    licence="none",
    accuracy=None,
    note="For tests.",
)
CONTENT = safetensors.torch.save(shaken(build(TINY)).state_dict())


class Stopped(Exception):
    pass


def point_to(url, monkeypatch):
    """What HF_ENDPOINT does when huggingface_hub is imported."""
    monkeypatch.setattr(constants, "ENDPOINT", url)
    path = "/{repo_id}/resolve/{revision}/{filename}"
    monkeypatch.setattr(constants, "HUGGINGFACE_CO_URL_TEMPLATE", url + path)


@pytest.fixture
def server(monkeypatch, tmp_path):
    """A running hub that holds the tiny network, and an empty cache."""
    monkeypatch.setitem(CATALOG, "tiny", TINY)
    monkeypatch.setenv("NO_PROXY", "127.0.0.1,localhost")
    huggingface_hub.close_session()
    with serving(Hub({REPO: CONTENT})) as running:
        point_to(running.url, monkeypatch)
        settings = {
            "HF_HUB_CACHE": str(tmp_path / "hub"),
            "HF_HUB_OFFLINE": False,
            "HF_HUB_DISABLE_IMPLICIT_TOKEN": True,
        }
        for name, value in settings.items():
            monkeypatch.setattr(constants, name, value)
        monkeypatch.setattr(hub, "CHUNK_BYTES", 1 << 12)
        monkeypatch.setattr(hub, "REPORT_SECONDS", 0)
        monkeypatch.setattr(hub, "PAUSE_SECONDS", 0)
        yield running
    huggingface_hub.close_session()


def partials():
    return list(Path(constants.HF_HUB_CACHE).glob("*/blobs/*.incomplete"))


def test_a_download_gives_the_published_network_and_reports_progress(server):
    reports = []
    model = weights.load("tiny", lambda *numbers: reports.append(numbers))
    expected = safetensors.torch.load(CONTENT)
    assert all(torch.equal(expected[k], v) for k, v in model.state_dict().items())
    assert not model.training
    assert all(p.dtype == torch.float32 and not p.requires_grad for p in model.parameters())
    assert reports[0] == (0, len(CONTENT))
    assert reports[-1] == (len(CONTENT), len(CONTENT))
    assert len(reports) > 10
    assert reports == sorted(reports)
    assert not partials()


def test_a_second_load_uses_the_cache_and_no_network(server):
    assert not weights.is_local(TINY)
    first = weights.load("tiny").state_dict()
    assert weights.is_local(TINY)
    server.status = 503
    reports = []
    second = weights.load("tiny", lambda *numbers: reports.append(numbers)).state_dict()
    assert all(torch.equal(first[k], v) for k, v in second.items())
    assert not reports
    assert server.sent == len(CONTENT)


def test_the_cache_is_huggingface_hubs_own(server):
    weights.load("tiny")
    path = huggingface_hub.hf_hub_download(REPO, "model.safetensors", local_files_only=True)
    assert Path(path).read_bytes() == CONTENT
    assert server.sent == len(CONTENT)


def test_is_local_asks_no_network(server, monkeypatch):
    point_to("http://127.0.0.1:9", monkeypatch)
    assert not weights.is_local(TINY)


def test_a_broken_connection_is_continued_within_one_load(server):
    server.breaks = [20_000, 0, 10_000]
    weights.load("tiny")
    # What httpx had not handed on in full chunks is asked for again, no more.
    assert server.asked[0] == 0
    assert server.asked[1] == server.asked[2] == pytest.approx(20_000, abs=hub.CHUNK_BYTES)
    assert server.asked[3] == pytest.approx(30_000, abs=2 * hub.CHUNK_BYTES)
    assert len(server.asked) == 4


def test_a_download_that_failed_is_continued_by_the_next_load(server):
    server.breaks = [50_000] + [0] * hub.ATTEMPTS
    with pytest.raises(WeightsError, match=r"python -m models\.weights tiny"):
        weights.load("tiny")
    (partial,) = partials()
    kept = partial.stat().st_size
    assert kept > 40_000
    assert not weights.is_local(TINY)
    server.asked.clear()
    reports = []
    weights.load("tiny", lambda *numbers: reports.append(numbers))
    assert server.asked == [kept]
    assert reports[0] == (kept, len(CONTENT))


def test_progress_may_stop_the_download_and_the_next_load_goes_on(server):
    def stop(done, total):
        if done > total / 2:
            raise Stopped

    with pytest.raises(Stopped):
        weights.load("tiny", stop)
    (partial,) = partials()
    kept = partial.stat().st_size
    assert len(CONTENT) / 2 < kept < len(CONTENT)
    assert not weights.is_local(TINY)
    weights.load("tiny")
    assert server.asked == [0, kept]


def test_a_server_that_cannot_continue_is_asked_for_the_whole(server):
    server.breaks, server.ranges = [50_000], False
    model = weights.load("tiny")
    assert torch.equal(model.head.bias, safetensors.torch.load(CONTENT)["head.bias"])


def test_two_sessions_download_once(server):
    with ThreadPoolExecutor(2) as pool:
        models = list(pool.map(lambda _: weights.load("tiny"), range(2)))
    assert torch.equal(models[0].head.weight, models[1].head.weight)
    assert server.sent == len(CONTENT)


@pytest.mark.parametrize("fault", [{"damage": True}, {"surplus": b"x" * 50_000}], ids=str)
def test_a_damaged_download_is_thrown_away(server, fault):
    for name, value in fault.items():
        setattr(server, name, value)
    with pytest.raises(WeightsError, match="damaged"):
        weights.load("tiny")
    assert not partials()
    assert not weights.is_local(TINY)


@pytest.mark.parametrize(
    ("fault", "said"),
    [
        ({"status": 503}, "answered 503"),
        ({"status": 401}, "answered 401"),
        ({"files": {}}, "answered 404"),
        ({"names": False}, "does not answer as a Hugging Face hub"),
    ],
    ids=lambda value: str(value)[:20],
)
def test_a_hub_that_refuses_is_named_in_one_sentence(server, fault, said):
    for name, value in fault.items():
        setattr(server, name, value)
    with pytest.raises(WeightsError, match=said) as caught:
        weights.load("tiny")
    assert "\n" not in str(caught.value)


def test_an_unreachable_hub_is_one_sentence_with_the_command(server, monkeypatch):
    point_to("http://127.0.0.1:9", monkeypatch)
    with pytest.raises(WeightsError) as caught:
        weights.load("tiny")
    assert str(caught.value) == (
        "The weights of tiny are not on this machine and http://127.0.0.1:9 cannot be reached: "
        "fetch them once with a connection by `python -m models.weights tiny`."
    )


def test_offline_mode_is_one_sentence_with_the_command(server, monkeypatch):
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    with pytest.raises(WeightsError, match=r"HF_HUB_OFFLINE is set.*models\.weights tiny"):
        weights.load("tiny")
    assert not server.asked


def test_offline_mode_uses_the_cache(server, monkeypatch):
    weights.load("tiny")
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    assert weights.load("tiny").cfg.classes == 3


def test_a_cache_that_cannot_be_written_is_one_sentence(server, monkeypatch):
    def full(*_):
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(hub, "_append", full)
    with pytest.raises(WeightsError, match=r"No space left on device.*HF_HOME"):
        weights.load("tiny")


def test_a_published_file_that_does_not_fit_is_refused(server):
    server.files[REPO] = safetensors.torch.save({"head.weight": torch.zeros(3, 32)})
    with pytest.raises(WeightsError, match="does not fit tiny: it lacks cls_token"):
        weights.load("tiny")


def test_a_head_that_the_catalog_does_not_want_is_left_out(server, monkeypatch):
    headless = {**TINY.options, "classes": 0}
    monkeypatch.setitem(CATALOG, "tiny", Entry(**{**vars(TINY), "options": headless}))
    assert weights.load("tiny")(torch.zeros(1, 3, 16, 16)).shape == (1, 32)


def test_an_autoencoder_is_downloaded_under_the_names_that_the_hub_has(server, monkeypatch):
    """facebook/vit-mae-base carries transformers' names: queries, keys and values apart."""
    options = dict(
        image_size=16, patch_size=4, width=32, depth=2, heads=2,
        decoder_width=16, decoder_depth=1, decoder_heads=2, norm_pix=False,
    )  # fmt: skip
    repo = CATALOG["mae_vit_base_patch16"].weights.repo
    entry = replace(CATALOG["mae_vit_base_patch16"], name="tiny_mae", options=options)
    monkeypatch.setitem(CATALOG, "tiny_mae", entry)
    expected = shaken(build(entry)).state_dict()
    published = as_on_the_hub(expected)
    assert "decoder.decoder_layers.0.attention.attention.query.weight" in published
    server.files[repo] = safetensors.torch.save(published)
    model = weights.load("tiny_mae")
    assert all(torch.equal(expected[k], v) for k, v in model.state_dict().items())
    assert not any(p.requires_grad for p in model.parameters())
    mask = torch.arange(16)[None] % 4 > 0
    assert model(torch.zeros(1, 3, 16, 16), mask).shape == (1, 16, 48)
    del published["decoder.mask_token"]
    server.files[repo] = safetensors.torch.save(published)
    shutil.rmtree(constants.HF_HUB_CACHE)
    with pytest.raises(WeightsError, match="does not fit tiny_mae: it lacks mask_token"):
        weights.load("tiny_mae")


def test_the_command_line_downloads_a_network_of_the_catalog(server, tmp_path):
    entry = CATALOG["vit_tiny_patch16_224"]
    halves = {k: v.half() for k, v in build(entry).state_dict().items()}
    server.files[entry.weights.repo] = safetensors.torch.save(halves)

    def command(home, **settings):
        return subprocess.run(
            [sys.executable, "-m", "models.weights", entry.name],
            cwd=ROOT,
            env=os.environ
            | {"HF_ENDPOINT": server.url, "HF_HOME": str(tmp_path / home)}
            | settings,
            capture_output=True,
            text=True,
            check=False,
        )

    online = command("home")
    assert online.returncode == 0, online.stderr
    assert "is here" in online.stdout
    assert list((tmp_path / "home" / "hub").glob("*/snapshots/*/model.safetensors"))
    offline = command("elsewhere", HF_HUB_OFFLINE="1")
    assert offline.returncode == 1
    assert "`python -m models.weights vit_tiny_patch16_224`" in offline.stderr
    assert "Traceback" not in offline.stderr
