"""What Clockodo speaks: models, client, paging, retries, limits. Moments are UTC here; local time starts in `domain`."""
