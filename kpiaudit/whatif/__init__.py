"""Judged clocks supposed otherwise, and what may come."""
