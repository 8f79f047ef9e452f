"""The reference page at /docs: one HTML file that needs nothing from elsewhere."""
