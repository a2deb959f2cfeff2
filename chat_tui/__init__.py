"""Talkline's full-screen terminal app."""
