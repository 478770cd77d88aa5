"""The model card of a masked autoencoder."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from models.mae import MAE
from models.training.card import Card, table
from models.training.fidelity import Fidelity
from models.training.journal import Row

# Percent of the patches that are hidden; 75 is the ratio of the paper, and of the training.
RATIOS = (10, 20, 30, 40, 50, 60, 70, 75, 80, 90)
USUAL = 75


@dataclass(frozen=True, kw_only=True)
class ReconstructionCard(Card):
    """A card with errors over the ratio of hidden patches.

    Attributes:
        found: Scores of the file by hidden percent, "raw" and with "own statistics".
        pictures: How many they were measured on.
        copies: Validation pictures left out because a training picture is a copy of them.
    """

    found: Mapping[int, Mapping[str, Fidelity]]
    pictures: int
    copies: int

    @property
    def scores(self) -> dict[str, float]:
        """Raw error and signal-to-noise ratio at the usual ratio."""
        raw = self.found[USUAL]["raw"]
        return {"mse": raw.mse, "psnr": raw.psnr_of_mean, "ssim": raw.ssim}

    def purpose(self) -> str:
        """What the network is."""
        return (
            f"A small masked autoencoder (He et al. 2022), trained from scratch for Saccade "
            f"without labels: from a few patches of a picture it paints the hidden ones. "
            f"Its encoder is a `ViT`; {self._decoder_share():.0f} % of the parameters are the "
            "decoder's, which serves the pre-training only."
        )

    def _decoder_share(self) -> float:
        sizes = {name: p.numel() for name, p in self.model.named_parameters()}
        decoder = sum(n for name, n in sizes.items() if name.startswith(("decoder", "mask_token")))
        return 100 * decoder / sum(sizes.values())

    def output(self) -> str:
        """Its patches."""
        assert isinstance(self.model, MAE)
        cfg = self.model.cfg
        return (
            f"pixels of all {cfg.grid**2} patches of {cfg.patch_size} × {cfg.patch_size}, scaled "
            "as the input; only those of hidden patches were trained"
        )

    def measured(self) -> str:
        """Errors over the ratio, raw and with what leaks."""
        head = ("hidden", "MSE", "PSNR of the mean MSE", "mean PSNR", "SSIM")
        raw, leaking = (
            table(head, [_line(percent, row[kind]) for percent, row in self.found.items()])
            for kind in ("raw", "own statistics")
        )
        size, pixels = self.recipe.size, self.dataset.val.images.shape[-1]
        known = (
            f"{self.copies:,} pictures of that split were left out: near copies of them stand, "
            "without labels, among the other folders' training pictures. "
            if self.copies else ""
        )  # fmt: skip
        return (
            "The file itself, read back and computed in fp32 on the CPU, on "
            f"{self.pictures:,} pictures of the validation split of {self._first()} (stored at "
            f"{pixels} × {pixels} pixels, seen at {size} × {size}), one fixed random mask a "
            f"picture; a larger ratio hides all that a smaller one hides. {known}The split also "
            "served to watch the training; no checkpoint was chosen by it.\n\n"
            "Errors are on pixels in [0, 1], rounded to 256 levels, over the hidden patches only; "
            "nothing of them goes into the painting. PSNR is given of the mean error, and as the "
            "mean of the pictures' own PSNR, in which easy pictures weigh more. SSIM (Gaussian "
            "window, sigma 1.5) compares the picture with the reconstruction pasted into it, "
            f"averaged over the hidden pixels.\n\n{raw}\n\n"
            "The same with each painted patch given the true patch's mean and standard deviation "
            "over its pixels and colours. **This leaks the target**: two numbers of every hidden "
            "patch, and with them most of what a blurred picture has, come from the answer. It "
            "is shown because drawings of networks trained on normalised patches do the same.\n\n"
            f"{leaking}"
        )

    def _first(self) -> str:
        return (self.dataset.folders or (self.dataset.name,))[0]

    def curve(self, rows: Sequence[Row]) -> str:
        """Errors after some epochs."""
        shown = table(
            ("epoch", "pixels", "patches seen", "training loss", "MSE", "PSNR"),
            [
                (
                    row["epoch"],
                    row["size"],
                    f"{100 * row['keep']:.0f} %",
                    f"{row['loss']:.4f}",
                    f"{row['mse']:.5f}",
                    f"{row['psnr']:.2f} dB",
                )
                for row in rows
            ],
        )
        return (
            "The averaged weights after some of the epochs, in fp32, on the whole validation split "
            "with one fixed mask a picture, before rounding. The training loss is on pixels in "
            f"[-1, 1], so a quarter of it compares with the error.\n\n{shown}"
        )

    def settings(self) -> dict[str, object]:
        """How training pictures are cut."""
        size = self.recipe.size
        return {"pictures": f"a random square of {size} × {size} pixels, half of them mirrored"}

    def classes(self) -> tuple[str, str]:
        """Pictures only."""
        count, first = len(self.dataset.val.labels), self._first()
        return f", {count:,} for validation, those of {first}", " Labels were not looked at."

    def limits(self) -> Sequence[str]:
        """What painting from few patches cannot be."""
        raw = self.found[USUAL]["raw"]
        return (
            "What it paints is a guess at the mean of all that may be hidden, so it is blurred: "
            "it does not recover what was there. Do not read faces, text or number plates from it.",
            f"At 75 % hidden it is off by {255 * raw.mse**0.5:.0f} of 256 grey levels (root mean "
            "square over hidden pixels).",
            f"It sees {self.recipe.size} × {self.recipe.size} pixels of the whole picture, "
            "squashed.",
            "It was trained at one ratio and with random masks only; masks of other shapes were "
            "not measured.",
            "It is small and was trained for a short time on few pictures; published masked "
            "autoencoders saw a million pictures hundreds of times.",
            "It inherits what its data over- and underrepresents. For teaching how such networks "
            "work; not for any decision.",
        )


def _line(percent: int, row: Fidelity) -> tuple[str, ...]:
    return (
        f"{percent} %",
        f"{row.mse:.5f}",
        f"{row.psnr_of_mean:.2f} dB",
        f"{row.psnr:.2f} dB",
        f"{row.ssim:.3f}",
    )
