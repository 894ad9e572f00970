"""The `seealso` command."""
