"""The store of a sweep: a folder from which it goes on after anything."""
