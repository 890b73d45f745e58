"""What `make bench-smac` measures, and the direct linear program that it is measured against."""
