"""Depthwise kernels as a wall, and the convolution under the pointer."""
