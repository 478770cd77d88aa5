"""A training computes on one core, and nobody else notices."""

import threading

import pytest
import torch

from models.training.threads import use_one_core


@pytest.fixture
def two():
    before = torch.get_num_threads()
    torch.set_num_threads(2)
    yield
    torch.set_num_threads(before)


def in_a_thread(what):
    found = []
    thread = threading.Thread(target=lambda: found.append(what()))
    thread.start()
    thread.join()
    return found[0]


def test_one_core_is_for_the_thread_that_asked(two):
    def asked():
        use_one_core()
        inside = torch.get_num_threads()
        return inside, in_a_thread(torch.get_num_threads), torch.get_num_threads()

    assert in_a_thread(asked) == (1, 2, 1)
    assert torch.get_num_threads() == 2
    assert in_a_thread(torch.get_num_threads) == 2
