"""API keys: who may ask for what, how often, and for how many characters a day."""
