"""Speed, as ratios to something run beside it; see README.md."""
