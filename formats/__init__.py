"""The world outside: scenes, labels, the store, readers, writers, and a simulated street."""
