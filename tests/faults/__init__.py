"""What the server makes of lost answers, dead connections and dying processes. The laws are checked in the database."""
