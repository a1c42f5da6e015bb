"""What travels between client and server: questions, answers, the table of operations, the codec."""
