"""How many cores a thread of this process computes on."""

import threading

import torch


def use_one_core() -> None:
    """Compute on one core in this thread from now on; all others go on as before.

    PyTorch has one number for the whole process, which every thread takes over when it first
    computes. So it is set here, and set back by a thread that takes over nothing else. A training
    that shares its cores with others' forward passes needs this: two threads that wait for each
    other at every small product did a sixth of the work of one, measured on two busy cores.
    """
    usual = torch.get_num_threads()
    torch.set_num_threads(1)
    helper = threading.Thread(target=torch.set_num_threads, args=(usual,))
    helper.start()
    helper.join()
