"""Talkline's server: a threaded TCP chat that anyone can use with nc."""

__version__ = "0.1.0"
