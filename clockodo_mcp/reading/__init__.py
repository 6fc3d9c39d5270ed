"""What is read from Clockodo: entries, the clock, groups, a timesheet, an export. No MCP, no words for the model."""
