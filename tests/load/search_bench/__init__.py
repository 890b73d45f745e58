"""What `make bench-search` measures."""
