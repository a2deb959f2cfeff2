"""What fills the terminal: the chat, and the pages that open above it."""
