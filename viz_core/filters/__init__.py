"""Browser component: components of the kernels and the patches that answer them."""
