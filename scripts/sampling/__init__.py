"""The sample exports: one module per tool, all telling the same four weeks of one invented firm."""
