"""The parts that the chat screen is made of. None of them knows of sockets."""
