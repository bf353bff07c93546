"""Laws: problems are transformed in ways that, by the contract, must not change the result."""
