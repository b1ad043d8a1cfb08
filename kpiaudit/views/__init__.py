"""What is computed only where it is shown: trends, distributions of waits, the hours of the week."""
