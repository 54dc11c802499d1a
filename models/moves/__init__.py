"""What each move does to a concern: one function a move, by the stage it belongs to."""
