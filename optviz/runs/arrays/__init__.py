"""Steps on arrays that a caller holds: `optviz.optimizer`."""
