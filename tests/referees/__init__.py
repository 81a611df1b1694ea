"""Independent programs that must accept our exports, each in an environment of its own (`make referees`)."""
