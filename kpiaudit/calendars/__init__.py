"""Business time: what a calendar is open for, and how it looks."""
