"""Search by a query: its operators as conditions, names of authors, titles, lists by date."""
