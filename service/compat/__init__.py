"""The endpoints of LibreTranslate and DeepL, for clients that were written for these."""
