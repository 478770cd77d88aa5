"""What tests of several files share."""

import pytest


@pytest.fixture(scope="module")
def one_thread():
    """Threads only wait for each other in networks this small."""
    import torch

    threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(threads)
