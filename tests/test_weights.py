"""Shipped weights and a reader's own: what is loaded is right, what is not is refused."""

import hashlib
import subprocess
import sys
from dataclasses import replace

import pytest
import safetensors.torch
import torch

from models import weights
from models.catalog import CATALOG, DEFAULT, Shipped, build
from models.published import renamed
from models.tensorfile import CONVERT
from models.weights import WeightsError
from tests.mae_reference import as_on_the_hub
from tests.parity import checkpoint_filter_fn, shaken, theirs_for

SHIPPED = [name for name, entry in CATALOG.items() if isinstance(entry.weights, Shipped)]
OWN = "vit_nano_patch4_56"


@pytest.fixture(scope="module")
def network():
    return shaken(build(CATALOG[OWN]))


@pytest.fixture
def tensors(network):
    """Weights that fit `OWN`, free to be changed."""
    return {k: v.clone() for k, v in network.state_dict().items()}


@pytest.fixture
def shelf(monkeypatch, tmp_path, tensors):
    """Another assets/weights, with an fp16 file and its checksum."""
    raw = safetensors.torch.save({k: v.half() for k, v in tensors.items()})
    name = CATALOG[OWN].weights.file
    (tmp_path / name).write_bytes(raw)
    (tmp_path / "SHA256SUMS").write_text(f"{hashlib.sha256(raw).hexdigest()}  {name}\n")
    monkeypatch.setattr(weights, "FOLDER", tmp_path)
    return tmp_path


@pytest.mark.parametrize("name", SHIPPED)
def test_what_the_catalog_ships_is_here_and_loads(name):
    entry = CATALOG[name]
    assert weights.is_local(entry), "trained weights belong into assets/weights"
    size = entry.preprocessing.size
    model, image = weights.load(name), torch.zeros(1, 3, size, size)
    if entry.architecture == "mae":
        mask = torch.rand(1, entry.config.grid**2).argsort() >= 49
        output = model(image, mask)
        assert output.shape == (1, 196, 3 * entry.config.patch_size**2)
    else:
        output = model(image)
        assert output.shape == (1, entry.config.classes)
    assert output.isfinite().all()


def test_shipped_halves_become_a_float32_network_at_rest(shelf, tensors):
    model = weights.load(OWN)
    found = model.state_dict()
    assert found.keys() == tensors.keys()
    for name, value in tensors.items():
        assert found[name].dtype == torch.float32
        assert torch.equal(found[name], value.half().float())
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())
    assert not model(torch.randn(1, 3, 56, 56)).requires_grad


def test_a_changed_shipped_file_is_refused(shelf):
    path = shelf / CATALOG[OWN].weights.file
    raw = bytearray(path.read_bytes())
    raw[-1] ^= 1
    path.write_bytes(raw)
    with pytest.raises(WeightsError, match="is not what SHA256SUMS says"):
        weights.load(OWN)


def test_a_shipped_file_without_its_checksum_is_refused(shelf):
    (shelf / "SHA256SUMS").write_text("")
    with pytest.raises(WeightsError, match="is not what SHA256SUMS says"):
        weights.load(OWN)
    (shelf / "SHA256SUMS").unlink()
    with pytest.raises(WeightsError, match="lacks"):
        weights.load(OWN)


def test_a_missing_shipped_file_is_said_to_be_missing(shelf):
    assert weights.is_local(CATALOG[OWN])
    (shelf / CATALOG[OWN].weights.file).unlink()
    assert not weights.is_local(CATALOG[OWN])
    with pytest.raises(WeightsError, match=f"lacks {OWN}"):
        weights.load(OWN)


def test_an_unknown_network_is_refused_with_close_names():
    with pytest.raises(WeightsError, match="vit_small_patch16_224, "):
        weights.load("vit_smal_patch16_224")


@pytest.mark.parametrize("as_path", [True, False])
def test_an_own_file_is_loaded_from_bytes_or_path(as_path, tensors, tmp_path):
    raw = safetensors.torch.save(tensors)
    path = tmp_path / "mine.safetensors"
    path.write_bytes(raw)
    model = weights.load_file(OWN, path if as_path else raw)
    assert all(torch.equal(tensors[k], v) for k, v in model.state_dict().items())
    assert not model.training
    assert not any(p.requires_grad for p in model.parameters())


@pytest.mark.parametrize("classes", [1, 5])
def test_an_own_file_may_have_classes_of_its_own(classes, tensors):
    tensors |= {"head.weight": torch.ones(classes, 160), "head.bias": torch.ones(classes)}
    model = weights.load_file(OWN, safetensors.torch.save(tensors))
    assert model.cfg.classes == classes
    assert model(torch.zeros(2, 3, 56, 56)).shape == (2, classes)


def test_an_own_file_without_a_head_gives_features(tensors):
    del tensors["head.weight"], tensors["head.bias"]
    model = weights.load_file(OWN, safetensors.torch.save(tensors))
    assert model.cfg.classes == 0
    assert model(torch.zeros(1, 3, 56, 56)).shape == (1, 160)


def without(*names):
    return lambda tensors: {k: v for k, v in tensors.items() if k not in names}


@pytest.mark.parametrize(
    ("change", "said"),
    [
        (without("cls_token", "norm.bias"), "it lacks cls_token, norm.bias."),
        (without("head.bias"), "it lacks head.bias."),
        (without("head.weight"), "it has the unknown head.bias."),
        (lambda t: t | {"extra": torch.ones(1)}, "it has the unknown extra."),
        (
            lambda t: {k.replace("blocks", "layers"): v for k, v in t.items()},
            "blocks.0.norm1.weight, blocks.0.norm1.bias, blocks.0.attn.qkv.weight and 69 more; "
            "it has the unknown layers.0.",
        ),
        (
            lambda t: t | {"pos_embed": torch.ones(1, 50, 160)},
            "its pos_embed is (1, 50, 160) instead of (1, 197, 160).",
        ),
        (lambda t: t | {"head.weight": torch.ones(())}, "it has the unknown head."),
        (lambda t: t | {"head.weight": torch.ones(32)}, "its head.weight is (32,) instead of"),
    ],
    ids=range(8),
)
def test_an_own_file_that_does_not_fit_is_refused_by_name(change, said, tensors):
    raw = safetensors.torch.save(change(tensors))
    with pytest.raises(WeightsError) as caught:
        weights.load_file(OWN, raw)
    assert str(caught.value).startswith(f"This file does not fit {OWN}: ")
    assert said in str(caught.value)


def test_an_own_file_of_another_network_is_told_which_fits(tensors):
    with pytest.raises(WeightsError, match=f"100 % of the tensors: {OWN}\\.$"):
        weights.load_file("vit_tiny_patch16_224", safetensors.torch.save(tensors))
    nothing = safetensors.torch.save({"a": torch.ones(1)})
    with pytest.raises(WeightsError, match=r"No network of the catalog is like it\.$"):
        weights.load_file(OWN, nothing)


def test_an_own_file_with_nan_is_refused(tensors):
    tensors["pos_embed"][0, 3, 5] = torch.nan
    with pytest.raises(WeightsError, match="NaN or infinity in pos_embed"):
        weights.load_file(OWN, safetensors.torch.save(tensors))


def test_a_pickled_file_becomes_loadable_by_the_command_in_its_refusal(tensors, tmp_path):
    path = tmp_path / "mine.pth"
    torch.save({"model": tensors}, path)
    with pytest.raises(WeightsError) as caught:
        weights.load_file(OWN, path)
    assert CONVERT in str(caught.value)
    command = CONVERT.replace("python", sys.executable, 1).replace("FILE", str(path))
    subprocess.run(command, shell=True, check=True)
    model = weights.load_file(OWN, path.with_name("mine.pth.safetensors"))
    assert torch.equal(model.head.bias, tensors["head.bias"])


@pytest.mark.parametrize("name", ["vit_small_patch14_reg4_dinov2", "deit3_small_patch16_224"])
def test_the_authors_own_layout_is_converted_as_timm_does(name):
    cfg = replace(CATALOG[name].config, depth=2)
    theirs = shaken(theirs_for(name, depth=2))
    published = as_authors_write(theirs.state_dict(), cfg)
    adapt = {"adapt_layer_scale": True} if "deit3" in name else {}
    expected = checkpoint_filter_fn(dict(published), theirs, **adapt)
    found = renamed(published, "vit")
    assert found.keys() == expected.keys() == build(CATALOG[name], cfg).state_dict().keys()
    assert all(torch.equal(found[k], v) for k, v in expected.items())


def as_authors_write(tensors, cfg):
    """timm's names turned back into those of the DINOv2 and DeiT III repositories."""
    if not cfg.registers:
        return {k.replace("ls1.gamma", "gamma_1").replace("ls2.gamma", "gamma_2"): v
                for k, v in tensors.items()}  # fmt: skip
    first = torch.randn(1, 1, cfg.width)
    return without("reg_token")(tensors) | {
        "register_tokens": tensors["reg_token"],
        "pos_embed": torch.cat([first, tensors["pos_embed"]], dim=1),
        "mask_token": torch.randn(1, cfg.width),
    }


def test_own_weights_of_an_autoencoder_load_under_both_names():
    name = "mae_nano_patch8_112"
    expected = shaken(build(CATALOG[name])).state_dict()
    for tensors in (expected, as_on_the_hub(expected)):
        found = weights.load_file(name, safetensors.torch.save(tensors)).state_dict()
        assert found.keys() == expected.keys()
        assert all(torch.equal(found[k], v) for k, v in expected.items())


def test_an_encoder_alone_is_no_autoencoder(tensors):
    """timm's and the authors' `mae_pretrain_*` hold no decoder."""
    encoder = {k: v for k, v in tensors.items() if not k.startswith("head")}
    with pytest.raises(
        WeightsError, match=r"it lacks mask_token, .*Closest in the catalog.*" + OWN
    ):
        weights.load_file("mae_nano_patch8_112", safetensors.torch.save(encoder))
    other = as_on_the_hub(build(CATALOG["mae_nano_patch8_112"]).state_dict())
    with pytest.raises(WeightsError, match=r"100 % of the tensors: mae_nano_patch8_112\.$"):
        weights.load_file(OWN, safetensors.torch.save(other))


def test_timms_own_layout_needs_no_renaming():
    for name in CATALOG:
        with torch.device("meta"):
            state = build(CATALOG[name]).state_dict()
        assert renamed(state, CATALOG[name].architecture).keys() == state.keys()


def test_the_list_shows_every_network_and_where_it_is(capsys, shelf):
    weights.main(["--list"])
    lines = capsys.readouterr().out.splitlines()
    assert [line.split()[0] for line in lines] == list(CATALOG)
    assert "here" in lines[list(CATALOG).index(DEFAULT)]


def test_the_command_line_ends_with_a_sentence(capsys, shelf):
    (shelf / "SHA256SUMS").write_text("")
    with pytest.raises(SystemExit, match="restore it from the repository"):
        weights.main([OWN])
