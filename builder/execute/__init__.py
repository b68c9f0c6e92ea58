"""Stage 3: run the code blocks of posts, each post in a process of its own."""
