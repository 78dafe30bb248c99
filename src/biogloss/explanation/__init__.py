"""Why a model says what it says, and whether it says it of everyone alike."""
