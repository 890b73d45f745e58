"""The optimiser: a pure room (PuLP inside, no Django). Problem in, Plan out; see solve.solve."""
