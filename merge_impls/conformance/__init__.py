"""What every backend must get right: problems to try it on."""
