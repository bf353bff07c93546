"""What every backend must get right: small cases with known answers, and random problems."""
