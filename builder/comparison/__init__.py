"""What a post shows now beside what it has shown before, as a reader sees both."""
