"""What Clockodo speaks: models, client, paging, retries, limits. Moments are in UTC here."""
