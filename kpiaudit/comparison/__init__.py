"""Like for like: judged clocks into strata, strata into differences with their intervals."""
