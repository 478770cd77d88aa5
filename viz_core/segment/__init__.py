"""The stage of the page “Regions”: a picture in regions, by four ways, drawn in the browser."""
