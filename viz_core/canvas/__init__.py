"""The canvas: attention under the pointer, drawn in the browser from one frame of bytes."""
