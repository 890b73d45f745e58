"""What `make bench-ocpp` is made of: chargers without a library, servers to compare, the rows to count."""
