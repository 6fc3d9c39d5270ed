"""The only room that puts questions to the person: choices among several, and consent to a change."""
