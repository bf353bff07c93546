"""Backends timed and checked, each in a process of its own: the only timing loop there is."""
