"""What readers share: scanning tables, decoding records, parsing dates and cells."""
