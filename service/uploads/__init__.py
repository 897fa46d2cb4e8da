"""Files become articles: text, HTML, JSON Lines, JSON, Word and PDF. Word and PDF are parsed in a child process."""
