"""Draft a policy from what exports hold."""
