"""What `make bench-grid-map` measures with."""
