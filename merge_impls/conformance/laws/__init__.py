"""Laws that follow from the contract, and the transformed problems that they compare."""
