"""Rules without I/O: moments, periods, durations, names, summaries, checks. Today's date is passed in."""
