"""Training of both networks (section 3): batches, targets, losses, the training loop and metrics."""
