"""What is known outside the text: concepts with their names and identifiers."""
