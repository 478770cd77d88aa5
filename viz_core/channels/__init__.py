"""Every channel of a network on the picture: the component `channels` and what it is sent."""
