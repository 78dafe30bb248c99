"""Fine-tuning: recipe to trained model folder, resumable to the step. Needs the extra ``train``."""
