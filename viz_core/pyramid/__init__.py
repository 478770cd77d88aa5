"""The component that shows Swin's stages on the picture, and how patches merge between them."""
