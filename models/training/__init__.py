"""Training of translators and summarizers: from scratch or from any checkpoint, resumable, in the Hub's own format."""
