"""Link shelf: a small bookmarks manager."""
