from functools import partial

from pages._ui import explain, frame, mae_steps, mae_tries, take, tries
from pages._ui.takes import mae as takes

header = frame.header("MAE", mae_steps.notice())
network = mae_steps.switch(
    header,
    words=(
        "token",
        "patch",
        "autoencoder",
        "encoder and decoder",
        "mask token",
        "reconstruction",
        "inpainting",
        "PSNR",
        "SSIM",
        "MAC",
    ),
)
mae_steps.show(network)
take.offer(header, partial(takes.view, mae_steps.LESSON.current(), network))
tries.show(mae_tries.suggestions())
explain.page("mae", *mae_steps.code(), values=mae_steps.values(network))
