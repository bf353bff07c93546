"""Training of the networks (section 3): crops, targets, losses, the training loop, and metrics."""
