"""A Jekyll blog's posts, pictures, data and settings, brought over."""
