"""Evidence bundles: what they hold, and holding one against the exports again."""
