"""Service models: what a team or a service claims to be, held against what the exports show."""
