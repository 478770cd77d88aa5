"""The catalog's table: timm's facts, buildable networks, labels that belong to them."""

import subprocess
import sys
from importlib import import_module
from pathlib import Path

import pytest
import torch
from torch import nn

from models import labels
from models.catalog import ARCHITECTURES, CATALOG, DEFAULT, Hub, Shipped, build
from tests.parity import theirs_for, timm, timm_name

ROOT = Path(__file__).parent.parent
PUBLISHED = [
    name
    for name, entry in CATALOG.items()
    if isinstance(entry.weights, Hub) and entry.weights.repo.startswith("timm/")
]
AUTOENCODERS = [name for name, entry in CATALOG.items() if entry.architecture == "mae"]
# Networks that we run at another size than the one their positions were learned for.
RESIZED = {"vit_small_patch14_reg4_dinov2"}


def test_the_default_ships_and_comes_first():
    assert next(iter(CATALOG)) == DEFAULT
    assert isinstance(CATALOG[DEFAULT].weights, Shipped)


@pytest.mark.parametrize("name", PUBLISHED)
def test_facts_are_timms(name):
    entry = CATALOG[name]
    theirs = timm.get_pretrained_cfg(timm_name(entry))
    how = entry.preprocessing
    assert entry.weights == Hub(theirs.hf_hub_id)
    assert entry.licence == theirs.license
    assert (how.mean, how.std, how.crop_share) == (theirs.mean, theirs.std, theirs.crop_pct)
    assert (theirs.interpolation, theirs.crop_mode) == ("bicubic", "center")
    assert theirs.input_size == (3, entry.config.image_size, entry.config.image_size)
    assert entry.config.classes == theirs.num_classes
    assert (entry.labels == "imagenet1k") == (theirs.num_classes == 1000)


@pytest.mark.parametrize("name", PUBLISHED)
def test_published_names_are_timms_with_or_without_their_tag(name):
    assert timm_name(CATALOG[name]).split(".")[0] == name.split(".")[0]


@pytest.mark.parametrize("name", PUBLISHED)
def test_tensors_are_timms(name):
    with torch.device("meta"):
        theirs, ours = theirs_for(name), build(CATALOG[name])
    assert {k: v.shape for k, v in ours.state_dict().items()} == {
        k: v.shape for k, v in theirs.state_dict().items()
    }


@pytest.mark.parametrize("name", CATALOG)
def test_input_size_fits_the_network(name):
    entry = CATALOG[name]
    size, native = entry.preprocessing.size, entry.config.image_size
    assert (size != native) == (name in RESIZED)
    assert size % entry.config.patch_size == 0
    with torch.device("meta"):
        model, image = build(entry), torch.empty(1, 3, size, size)
        if name in AUTOENCODERS:
            output = model.encode(image, torch.arange(7)[None])[:, 0]
        else:
            output = model(image)
    assert output.shape == (1, entry.config.classes or entry.config.width)


@pytest.mark.parametrize("name", AUTOENCODERS)
def test_an_autoencoder_paints_every_pixel_and_says_what_it_predicts(name):
    entry = CATALOG[name]
    config, places = entry.config, torch.arange(entry.config.grid**2)
    with torch.device("meta"):
        painted = build(entry).decode(torch.empty(1, 1 + 7, config.width), places[None].to("meta"))
    assert painted.shape == (1, config.grid**2, 3 * config.patch_size**2)
    assert entry.options["norm_pix"] == config.norm_pix, "stated, not left to a default"
    assert entry.views.isdisjoint({"global attention", "window attention", "tokens"})


def test_the_published_autoencoder_is_transformers_base_with_plain_pixels():
    """Its config.json has norm_pix_loss false, as ViTMAEConfig has by default."""
    from transformers import ViTMAEConfig

    entry, theirs = CATALOG["mae_vit_base_patch16"], ViTMAEConfig()
    ours = entry.config
    assert entry.weights == Hub("facebook/vit-mae-base")
    assert ours.norm_pix is theirs.norm_pix_loss is False
    assert (ours.image_size, ours.patch_size) == (theirs.image_size, theirs.patch_size)
    assert (ours.width, ours.depth, ours.heads) == (
        theirs.hidden_size, theirs.num_hidden_layers, theirs.num_attention_heads
    )  # fmt: skip
    assert (ours.decoder_width, ours.decoder_depth, ours.decoder_heads) == (
        theirs.decoder_hidden_size, theirs.decoder_num_hidden_layers,
        theirs.decoder_num_attention_heads,
    )  # fmt: skip
    assert entry.preprocessing.mean == CATALOG["vit_base_patch16_224.mae"].preprocessing.mean
    assert entry.preprocessing.std == CATALOG["vit_base_patch16_224.mae"].preprocessing.std


@pytest.mark.parametrize("name", CATALOG)
def test_views_are_those_of_the_network(name):
    entry = CATALOG[name]
    architecture = ARCHITECTURES[entry.architecture]
    network = getattr(import_module(architecture.module), architecture.network)
    assert entry.views == network.views.keys()


@pytest.mark.parametrize("name", CATALOG)
def test_a_network_built_without_memory_gets_all_of_it_from_its_file(name):
    # What is in no state dict would stay without numbers: `load` has nothing to put there.
    with torch.device("meta"):
        model = build(CATALOG[name])
    tensors = {k for k, _ in [*model.named_parameters(), *model.named_buffers()]}
    assert tensors == model.state_dict().keys()


@pytest.mark.parametrize("name", CATALOG)
def test_head_is_where_the_architecture_says(name):
    entry = CATALOG[name]
    head = ARCHITECTURES[entry.architecture].head
    with torch.device("meta"):
        weights = build(entry).state_dict()
    assert (head in weights) == bool(entry.config.classes)
    assert head not in weights or len(weights[head]) == entry.config.classes


def test_a_network_can_be_built_with_memory_too():
    model = build(CATALOG[DEFAULT])
    assert isinstance(model, nn.Module)
    assert not any(p.is_meta for p in model.parameters())


@pytest.mark.parametrize("name", CATALOG)
def test_labels_are_as_many_as_classes(name):
    entry = CATALOG[name]
    assert (entry.labels is None) == (entry.config.classes == 0)
    assert entry.labels is None or len(labels.names(entry.labels)) == entry.config.classes


def test_imagenet_labels_are_timms():
    assert list(labels.names("imagenet1k")) == timm.data.ImageNetInfo().label_descriptions()
    assert labels.names("imagenet1k")[207] == "golden retriever"


def test_everyday_labels_are_plain_words_in_a_fixed_order():
    names = labels.names("everyday32")
    assert (names[0], names[1], names[-1]) == ("cat", "dog", "electronics")
    assert len(set(names)) == 32
    assert all(name == name.strip() and name for name in names)


@pytest.mark.parametrize("name", CATALOG)
def test_prose_fits_a_caption(name):
    entry = CATALOG[name]
    assert entry.name == name
    assert all("\n" not in text for text in (entry.title, entry.note, entry.licence))
    assert len(entry.note) <= 100
    assert entry.accuracy is None or ("top-1" in entry.accuracy and entry.labels)


def test_titles_tell_networks_apart():
    assert len({entry.title for entry in CATALOG.values()}) == len(CATALOG)


def test_importing_the_catalog_and_labels_is_cheap():
    code = (
        "import sys; from models import catalog, labels; labels.names('imagenet1k');"
        "heavy = {'torch', 'timm', 'huggingface_hub', 'numpy'} & set(sys.modules);"
        "sys.exit(', '.join(heavy) or 0)"
    )
    subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=True)
