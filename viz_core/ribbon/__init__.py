"""Browser component: the shapes of every tensor between picture and logits."""
