"""Runs on networks: optimizers that train the same network from the same weights on the same batches."""
