"""Writing the record of a run: what a step was given and told, without its secrets."""
