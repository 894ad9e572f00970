"""Protection of the catalogue against damage: checks of the file, backups, restoring."""
