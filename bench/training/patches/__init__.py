"""The patches of Cityscapes on which the paper's networks are trained (section 5 before 5.1)."""
