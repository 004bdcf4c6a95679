"""What changed between two versions of the review: data, claims, wording, conclusions, and which change is due to what."""
