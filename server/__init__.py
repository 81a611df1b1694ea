"""People: the journal of their edits, the catalogue of scenes, HTTP, live edits, jobs, the command line."""
