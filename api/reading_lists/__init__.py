"""Reading lists: their papers, their formats, and the files that they are opened from."""
