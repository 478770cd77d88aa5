"""What single heads, layers and tokens do for the answer: four views under one pointer."""
