"""Browser component: a picture cut into patches that fly apart and line up as a sequence."""
