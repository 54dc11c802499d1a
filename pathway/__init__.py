"""The program: command line, everything on one machine, the demonstration."""
