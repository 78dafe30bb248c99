"""Gold documents against predicted documents: scores with confidence intervals. Never imports torch."""
